// Inflates the chart programs and replaces each static picture by its interactive twin when it comes into view. Whatever fails, the picture stays.
(async function () {
  'use strict';
  if (typeof DecompressionStream === 'undefined') return;
  const inflate = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
  };
  const load = async () => {
    const packed = [...document.querySelectorAll('script[type="application/gzip"]')];
    const sources = await Promise.all(packed.map((p) => inflate(p.textContent.trim())));
    for (const source of sources) {
      const script = document.createElement('script');
      script.textContent = source;
      document.head.append(script);
    }
    if (!window.vegaEmbed || !window.vegaInterpreter) throw new Error('the chart programs did not run');
  };
  let loaded;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const theme = () => {
    const style = getComputedStyle(document.documentElement);
    const v = (name) => style.getPropertyValue(name).trim();
    const font = v('--sans');
    const colours = (letter, n) => Array.from({ length: n }, (_, i) => v('--' + letter + i));
    return {
      background: null, font, range: { category: colours('c', 10), ordinal: colours('l', 6) }, view: { stroke: null },
      axis: { labelColor: v('--soft'), titleColor: v('--soft'), gridColor: v('--line'), domainColor: v('--line'), tickColor: v('--line'), labelFontSize: 11, titleFontSize: 11, titleFontWeight: 'normal', titlePadding: 8 },
      rule: { color: v('--ink') }, text: { color: v('--soft') }, style: { bad: { color: v('--bad'), fontWeight: 'bold' } }, boxplot: { median: { color: v('--ink') }, rule: { color: v('--faint') } },
    };
  };
  const draw = async (chart) => {
    loaded = loaded || load();
    await loaded;
    const spec = JSON.parse(document.getElementById('spec-' + chart.id).textContent);
    const result = await vegaEmbed(chart.querySelector('.live'), spec, {
      mode: 'vega-lite', renderer: 'svg', ast: true, expr: window.vegaInterpreter, config: theme(), tooltip: { theme: dark.matches ? 'dark' : 'light' },
      actions: { export: true, source: false, compiled: false, editor: false }, downloadFileName: chart.id,
    });
    const said = chart.querySelector('.static svg').getAttribute('aria-label');
    const picture = chart.querySelector('.live svg.marks');
    picture.closest('[role]').removeAttribute('role'); // of the chart programs, which do not say what it shows
    picture.setAttribute('role', 'img');
    for (const part of picture.children) part.setAttribute('aria-hidden', 'true');
    picture.setAttribute('aria-label', said);
    for (const menu of chart.querySelectorAll('.live summary')) menu.setAttribute('aria-label', 'Save this chart');
    chart.classList.add('on');
    chart.dataset.state = 'drawn';
    return result;
  };
  const charts = [...document.querySelectorAll('.chart')];
  const begin = (chart) => draw(chart).catch((e) => { chart.dataset.state = 'static'; console.warn(chart.id + ': ' + e.message + '; the static picture stays'); });
  const seen = new IntersectionObserver((entries) => {
    for (const e of entries) if (e.isIntersecting) { seen.unobserve(e.target); begin(e.target); }
  }, { rootMargin: '400px' });
  charts.forEach((c) => seen.observe(c));
  dark.addEventListener('change', () => charts.filter((c) => c.dataset.state === 'drawn').forEach(begin));
})();
