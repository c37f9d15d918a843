// Tables sort by a click on a head and filter by model and data set, and what pointing at something tells is told to touch and keys too. Without it all is there, unsorted.
(function () {
  'use strict';
  const all = (q, at) => [...(at || document).querySelectorAll(q)];
  const make = (tag, of) => Object.assign(document.createElement(tag), of);

  // A cell's number: of durations the seconds, of what has none NaN, which stands last.
  const seconds = { s: 1, min: 60, h: 3600 };
  const number = (text) => {
    if (text.includes('∞')) return text.includes('-') ? -Infinity : Infinity;
    const parts = [...text.matchAll(/([\d.]+) (h|min|s)\b/g)];
    return parts.length ? parts.reduce((sum, p) => sum + p[1] * seconds[p[2]], 0) : parseFloat(text);
  };
  const text = (cell) => { const at = cell.querySelector('b') || cell; return at.lastChild === null ? '' : [...at.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join('').trim(); };
  const words = new Intl.Collator(undefined, { numeric: true });
  const compare = (col, left, sign) => (a, b) => {
    const x = text(a.cells[col]), y = text(b.cells[col]);
    if (left) return sign * words.compare(x, y);
    const u = number(x), v = number(y);
    return isNaN(u) || isNaN(v) ? isNaN(u) - isNaN(v) : u === v ? 0 : u < v ? -sign : sign;
  };
  for (const table of all('.frame table')) {
    const body = table.tBodies[0], rows = [...body.rows];
    if (rows.length < 2) continue;
    const models = rows.filter((r) => !r.classList.contains('ref')), marks = rows.filter((r) => r.classList.contains('ref'));
    [...table.tHead.rows[0].cells].forEach((head, col) => {
      const button = make('button', { type: 'button', textContent: head.textContent });
      head.replaceChildren(button);
      button.addEventListener('click', () => {
        const next = { ascending: 'descending', descending: '' }[head.ariaSort || ''] ?? 'ascending';
        for (const h of table.tHead.rows[0].cells) h.removeAttribute('aria-sort');
        if (next) head.setAttribute('aria-sort', next);
        const sorted = next ? [...models].sort(compare(col, col === 0 || head.classList.contains('left'), next === 'ascending' ? 1 : -1)) : models;
        body.replaceChildren(...sorted, ...marks);
      });
    });
  }

  // The edge of a table that goes on beyond it.
  const edge = (s) => s.parentElement.classList.toggle('more', s.scrollLeft + s.clientWidth < s.scrollWidth - 2);
  const tables = all('.scroll');
  const sizes = new ResizeObserver((entries) => entries.forEach((e) => edge(e.target.closest('.scroll'))));
  for (const s of tables) {
    s.addEventListener('scroll', () => edge(s), { passive: true });
    sizes.observe(s);
    sizes.observe(s.firstElementChild);
  }

  // The filter, which the address keeps: #results&models=vae&set=ring
  const form = document.querySelector('.filter'), off = document.querySelector('.unfilter');
  const column = (table, name) => [...table.tHead.rows[0].cells].findIndex((h) => h.textContent === name);
  const filter = () => {
    const terms = form.models.value.toLowerCase().split(/[\s,]+/).filter(Boolean), set = form.set.value;
    const model = (name) => !terms.length || terms.some((t) => name.toLowerCase().includes(t));
    let shown = 0, of = 0;
    for (const table of all('.frame table')) {
      const m = column(table, 'model'), d = column(table, 'data set');
      for (const row of table.tBodies[0].rows) {
        const away = m >= 0 && !row.classList.contains('ref') && !model(text(row.cells[m])) || d >= 0 && set && text(row.cells[d]) !== set;
        row.hidden = away;
        of++;
        shown += !away;
      }
    }
    for (const e of all('[data-d]')) e.hidden = Boolean(set) && e.dataset.d !== set;
    for (const e of all('[data-m]')) e.hidden = !model(e.dataset.m);
    const on = terms.length || set;
    form.querySelector('output').textContent = on ? shown + ' of ' + of + ' rows' : '';
    off.hidden = !on;
    off.textContent = 'Filter: ' + [terms.join(', '), set].filter(Boolean).join(' on ') + ' ×';
    off.setAttribute('aria-label', 'Remove the filter');
    const at = location.hash.slice(1).split('&').filter((p) => p && !/^(models|set)=/.test(p));
    if (terms.length) at.push('models=' + encodeURIComponent(terms.join(',')));
    if (set) at.push('set=' + encodeURIComponent(set));
    if (location.hash.slice(1) !== at.join('&')) history.replaceState(null, '', at.length ? '#' + at.join('&') : location.pathname + location.search);
  };
  const fromAddress = () => {
    const parts = location.hash.slice(1).split('&'), of = (name) => decodeURIComponent((parts.find((p) => p.startsWith(name + '=')) || '=').slice(name.length + 1) || '');
    const place = parts.find((p) => p && !p.includes('='));
    if (parts.some((p) => p.includes('='))) {
      form.models.value = of('models');
      form.set.value = [...form.set.options].some((o) => o.value === of('set')) ? of('set') : '';
    }
    filter(); // where only a place is said the filter stays, and is written behind it
    if (place && parts.length > 1 && document.getElementById(place)) document.getElementById(place).scrollIntoView();
  };
  form.hidden = false;
  form.addEventListener('input', filter);
  form.addEventListener('submit', (e) => e.preventDefault());
  off.addEventListener('click', () => { form.reset(); filter(); });
  addEventListener('hashchange', fromAddress);
  fromAddress();

  // What pointing tells, told at the foot of the window to whoever taps or goes there with the arrow keys.
  const foot = document.body.appendChild(make('output', { className: 'foot', hidden: true }));
  const title = (e) => e.getAttribute('title') || (e.querySelector(':scope > title') || {}).textContent || '';
  let at = null;
  const tell = (e) => {
    if (at) at.classList.remove('told');
    at = e;
    foot.hidden = !e;
    if (!e) return;
    e.classList.add('told');
    let about = '';
    if (e.cellIndex > 0) about = text(e.parentElement.cells[0]) + ', ' + e.closest('table').tHead.rows[0].cells[e.cellIndex].textContent + ': ';
    foot.textContent = about + title(e);
  };
  const told = (e) => e && (e.closest('[title]') || (e.closest('svg .mode, svg .dot, svg g') && title(e.closest('svg .mode, svg .dot, svg g')) ? e.closest('svg .mode, svg .dot, svg g') : null));
  document.addEventListener('click', (e) => tell(told(e.target)));
  const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  const walk = (box, cells) => box.addEventListener('keydown', (e) => {
    const to = step[e.key], list = cells();
    if (e.key === 'Escape') return tell(null);
    if (!to || e.target !== box || !list.length) return;
    e.preventDefault();
    if (!list.includes(at)) return tell(list[0]);
    let next = list[list.indexOf(at) + to[0]];
    if (to[1]) {
      const column = list.filter((c) => c.cellIndex === at.cellIndex);
      next = column[0].cellIndex === undefined ? list[list.indexOf(at) + to[1]] : column[column.indexOf(at) + to[1]];
    }
    if (!next) return;
    tell(next);
    next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
  const seen = (e) => e.getClientRects().length > 0;
  for (const s of tables) walk(s, () => all('td[title]', s).filter(seen));
  for (const s of all('figure .static > svg, figure > svg')) {
    const marks = all('title', s).map((t) => t.parentElement);
    if (!marks.length) continue;
    const box = s.closest('.chart') || s;
    box.tabIndex = 0;
    if (box !== s) { box.setAttribute('role', 'group'); box.setAttribute('aria-label', s.getAttribute('aria-label')); }
    walk(box, () => marks);
  }

  if (matchMedia('(max-width: 640px)').matches) for (const d of all('details.evidence')) d.open = false; // a phone shows them when asked
})();
