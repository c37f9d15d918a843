// Shows what the server sends. All text goes into the page as text, never as markup.
(function () {
  'use strict';
  const $ = (id) => document.getElementById(id);
  const make = (tag, text, kind) => {
    const e = document.createElement(tag);
    if (text !== undefined && text !== null) e.textContent = text;
    if (kind) e.className = kind;
    return e;
  };
  const svg = (tag, attributes) => {
    const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
    return e;
  };
  const number = (v) => (typeof v === 'number' ? String(Number(v.toPrecision(4))) : v === 'inf' || v === '-inf' ? 'failed' : '–');
  const span = (s) => (s < 99.5 ? Math.round(s) + ' s' : s < 5970 ? Math.round(s / 60) + ' min' : s < 358200 ? (s / 3600).toFixed(1) + ' h' : (s / 86400).toFixed(1) + ' days');
  const none = (part, empty) => { document.querySelector('[data-for="' + part + '"]').hidden = !empty; };

  const table = (at, head, rows) => {
    const t = $(at);
    t.replaceChildren();
    if (!rows.length) return;
    const h = make('tr');
    head.forEach((x) => h.append(make('th', x.replace(/^</, ''), x[0] === '<' ? 'left' : '')));
    const body = make('tbody');
    for (const r of rows) {
      const line = make('tr');
      r.forEach((x, i) => line.append(make('td', x, head[i][0] === '<' ? 'left' : '')));
      body.append(line);
    }
    const top = make('thead');
    top.append(h);
    t.append(top, body);
  };

  // chart draws lines; step keeps a value until the next. Losses have colours of their own, and from the eleventh model on lines are dashed.
  const chart = (curves, width, height, step, label) => {
    const kind = (k) => (step ? 's' + k % 10 + (k >= 10 ? ' again' : '') : 'l' + k % 6);
    const xs = [], ys = [];
    for (const c of curves) c.x.forEach((x, i) => { if (typeof c.y[i] === 'number') { xs.push(x); ys.push(c.y[i]); } });
    if (xs.length < 2) return null;
    const low = (v) => v.reduce((a, b) => Math.min(a, b), Infinity), high = (v) => v.reduce((a, b) => Math.max(a, b), -Infinity);
    const x0 = Math.min(0, low(xs)), x1 = high(xs) || 1, y0 = low(ys), y1 = high(ys) > y0 ? high(ys) : y0 + 1;
    const px = (x) => (34 + (x - x0) / (x1 - x0) * (width - 40)).toFixed(1), py = (y) => (height - 16 - (y - y0) / (y1 - y0) * (height - 24)).toFixed(1);
    const root = svg('svg', { viewBox: '0 0 ' + width + ' ' + height, role: 'img', 'aria-label': label + ': ' + curves.map((c) => c.name).join(', ') });
    for (const [y, at] of [[y0, height - 12], [y1, 12]]) {
      const t = svg('text', { x: 0, y: at });
      t.textContent = number(y);
      root.append(t);
    }
    const last = svg('text', { x: width - 6, y: height - 2, 'text-anchor': 'end' });
    last.textContent = number(x1);
    root.append(last);
    curves.forEach((c, k) => {
      let d = '', before = null;
      c.x.forEach((x, i) => {
        if (typeof c.y[i] !== 'number') { before = null; return; }
        d += (before === null ? 'M' : step ? 'L' + px(x) + ' ' + py(before) + 'L' : 'L') + px(x) + ' ' + py(c.y[i]);
        before = c.y[i];
      });
      if (step && before !== null) d += 'L' + px(x1) + ' ' + py(before);
      root.append(svg('path', { d: d, class: kind(k) }));
    });
    const keys = make('div', null, 'keys');
    curves.forEach((c, k) => {
      const key = make('span');
      key.append(make('i', null, kind(k)), document.createTextNode(c.name));
      keys.append(key);
    });
    const box = make('div');
    box.append(root, keys);
    return box;
  };

  const scatter = (points, label) => {
    const low = (i) => points.reduce((a, p) => Math.min(a, p[i]), Infinity), high = (i) => points.reduce((a, p) => Math.max(a, p[i]), -Infinity);
    const size = Math.max(high(0) - low(0), high(1) - low(1)) || 1, cx = (high(0) + low(0)) / 2, cy = (high(1) + low(1)) / 2;
    const root = svg('svg', { viewBox: '0 0 200 200', role: 'img', 'aria-label': label });
    for (const p of points) root.append(svg('circle', { cx: (100 + 180 * (p[0] - cx) / size).toFixed(1), cy: (100 - 180 * (p[1] - cy) / size).toFixed(1), r: 1.5 }));
    return root;
  };

  const said = {};
  const say = (about, text) => {
    said[about] = text;
    const all = Object.values(said).filter(Boolean).join('; ');
    $('trouble').hidden = !all;
    $('trouble').textContent = all;
  };
  let finished = null;
  const show = {
    trouble: (text) => say('trouble', text),
    status: (s) => {
      document.title = s.run.suite + ' · Assay';
      $('title').textContent = s.run.suite;
      let text = s.state + ', ' + s.ended + ' of ' + s.cells + ' cells have ended';
      if (s.failed) text += ', ' + s.failed + ' failed';
      if (s.state === 'running' && typeof s.left_s === 'number') text += ', about ' + span(s.left_s) + ' left';
      text += '; ' + span(s.spent.cpu_s) + ' of cores so far';
      if (s.ended && s.ended < s.cells) text += ', about ' + span(s.projected.cpu_s) + ' in all';
      $('meta').textContent = text;
      const all = s.cells || 1;
      $('bar').children[0].style.width = 100 * (s.ended - s.failed) / all + '%';
      $('bar').children[1].style.width = 100 * s.failed / all + '%';
      $('bar').setAttribute('aria-valuenow', s.ended / all);
      const phases = s.parts.some((p) => p.phase);
      table('parts', (phases ? ['<phase'] : []).concat(['<model', '<data set', 'ended', 'failed', 'cores']), s.parts.map((p) => (phases ? [p.phase] : []).concat([p.model, p.dataset, p.ended + '/' + p.cells, p.failed, span(p.cpu_s)])));
      none('causes', !s.causes);
      table('causes', ['<cause', 'cells', '<one of them says'], (s.causes || []).map((c) => [c.cause || 'not kept', c.cells, c.example]));
      say('damaged', (s.damaged || []).map((d) => d + ': its cell is not counted').join('; '));
      if (finished === false && s.state === 'finished') location.reload(); // nothing is left to come: the page is the report
      finished = s.state === 'finished';
    },
    work: (cells) => {
      none('work', !cells.length);
      $('work').replaceChildren(...cells.map((w) => {
        const card = make('div', null, 'card');
        card.append(make('h3', w.model + ' on ' + w.dataset), make('p', 'seed ' + w.seed + ', step ' + w.step + ' of ' + w.of + ', for ' + span(w.s) + ', heard of ' + span(w.quiet_s) + ' ago'));
        const lines = chart(w.curves, 250, 110, false, 'Training of ' + w.model + ' on ' + w.dataset);
        if (lines) card.append(lines);
        return card;
      }));
    },
    scores: (s) => {
      none('scores', !s.rows.length);
      table('scores', ['<model', '<data set', 'runs', 'failed', 'median ' + s.metric, 'best'], s.rows.map((r) => [r.model, r.dataset, r.runs, r.failed, number(r.median), number(r.best)]));
      const lines = s.curves.length ? chart(s.curves, 900, 240, true, 'Best ' + s.metric + ' so far') : null;
      $('best').replaceChildren(...(lines ? [make('p', 'Best ' + s.metric + ' so far, over the cells that have ended', 'meta'), lines] : []));
    },
    newest: (cells) => {
      none('newest', !cells.length);
      $('newest').replaceChildren(...cells.map((c) => {
        const card = make('div', null, 'card');
        card.append(make('h3', c.model + ' on ' + c.dataset), make('p', 'seed ' + c.seed + (c.values.length ? ', ' + c.values.map((v) => v.metric + ' ' + number(v.value)).join(', ') : '')));
        if (c.error) card.append(make('p', c.error, 'failed'));
        if (c.picture) {
          const picture = make('img');
          picture.src = 'samples/' + c.cell;
          picture.alt = 'samples of ' + c.model + ' on ' + c.dataset;
          picture.loading = 'lazy';
          card.append(picture);
        } else if (c.points) card.append(scatter(c.points, 'samples of ' + c.model + ' on ' + c.dataset));
        return card;
      }));
    },
  };
  const events = new EventSource('events');
  for (const name of Object.keys(show)) {
    events.addEventListener(name, (e) => {
      show[name](JSON.parse(e.data));
      document.body.dataset[name] = Number(document.body.dataset[name] || 0) + 1;
    });
  }
  events.onerror = () => { say('server', 'The server is not there. Shown is what it said last; the page goes on when it is back.'); };
  events.onopen = () => { say('server', ''); };
})();
