// JupyterLab carries plotly in an extension of its own. Panels of questions and of explorers begin with this file.
const STILL_WAITS = 8000; // milliseconds that a panel has to come

const labs = (async () => globalThis._JUPYTERLAB?.['jupyterlab-plotly']?.get('./mimeExtension'))()
  .then(factory => factory?.(), () => null);

// An explorer's still picture stands behind its panel, hidden. JupyterLab would draw each of them, twice, before the
// first panel can begin; we let them wait until one is in sight, as it is where no panel comes.
labs.then(module => {
  const kind = module?.RenderedPlotly?.prototype;
  if (!kind?.createGraph || kind.createGraph.virtlearn) return;
  const draw = kind.createGraph;
  kind.createGraph = async function waits(model) {
    await inSight(this.node);
    return draw.call(this, model);
  };
  kind.createGraph.virtlearn = true;
});

async function inSight(node) {
  await new Promise(done => setTimeout(done)); // by then the page has it
  const output = node.closest('.jp-OutputArea-child');
  if (!output?.previousElementSibling?.previousElementSibling?.querySelector('.virtlearn-resting')) return;
  await new Promise(done => setTimeout(done, STILL_WAITS));
  if (node.clientWidth) return;
  await new Promise(done => {
    const sizes = new ResizeObserver(() => { if (node.clientWidth) { sizes.disconnect(); done(); } });
    sizes.observe(node);
  });
}

async function fromLab() {
  const module = await labs;
  if (!module) return null;
  try {
    const mime = module.MIME_TYPE ?? 'application/vnd.plotly.v1+json';
    const renderer = module.rendererFactory.createRenderer({ mimeType: mime });
    await renderer.renderModel({ data: { [mime]: { data: [], layout: {} } }, metadata: {}, trusted: true, setData() {} });
    return module.RenderedPlotly?.Plotly ?? globalThis.Plotly ?? null;
  } catch { return null; }
}

// Once a page: whoever asks first has plotly read and started, so that the first chart does not wait for it.
const warmLab = () => (globalThis.__virtlearn_lab ??= fromLab());

// The part of the page around a panel that holds its still: an output area in Jupyter, whatever it is elsewhere.
function around(el, still) {
  let e = el.parentElement;
  while (e && !e.querySelector(still)) e = e.matches('.jp-Cell, .cell') ? null : e.parentElement;
  return e;
}
