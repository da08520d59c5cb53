// The live chart. The kernel sends a whole figure once, then frames: what differs from it. For the slider that
// moves it has sent the frames of all positions ahead, so that the chart answers without waiting for the kernel.
const SHARED = '__virtlearn_plotly';

async function fromLab() { // JupyterLab carries plotly in an extension of its own
  const extension = globalThis._JUPYTERLAB?.['jupyterlab-plotly'];
  if (!extension) return null;
  try {
    const module = (await extension.get('./mimeExtension'))();
    const mime = module.MIME_TYPE ?? 'application/vnd.plotly.v1+json';
    const renderer = module.rendererFactory.createRenderer({ mimeType: mime });
    await renderer.renderModel({ data: { [mime]: { data: [], layout: {} } }, metadata: {}, trusted: true, setData() {} });
    return module.RenderedPlotly?.Plotly ?? globalThis.Plotly ?? null;
  } catch { return null; }
}

function fromKernel(model) { // elsewhere: once a page, packed, from the installed plotly
  return new Promise((resolve, reject) => {
    const hear = async (message, buffers) => {
      if (message.kind !== 'plotly') return;
      model.off('msg:custom', hear);
      const stream = new Blob([buffers[0]]).stream().pipeThrough(new DecompressionStream('gzip'));
      const script = document.createElement('script');
      script.src = URL.createObjectURL(new Blob([await new Response(stream).arrayBuffer()], { type: 'text/javascript' }));
      script.onload = () => resolve(globalThis.Plotly);
      script.onerror = reject;
      document.head.append(script);
    };
    model.on('msg:custom', hear);
    model.send({ kind: 'plotly' });
  });
}

const getPlotly = model => (globalThis[SHARED] ??= (async () =>
  globalThis.Plotly?.react ? globalThis.Plotly : (await fromLab()) ?? (await fromKernel(model)))());

const isDark = () => document.body.dataset.jpThemeLight === 'false' ||
  (!('jpThemeLight' in document.body.dataset) && matchMedia('(prefers-color-scheme: dark)').matches);

async function render({ model, el }) {
  const place = document.createElement('div'), says = document.createElement('p');
  place.setAttribute('role', 'img');
  says.setAttribute('role', 'status');
  says.className = 'virtlearn-sentence';
  says.textContent = model.get('sentence');
  place.setAttribute('aria-label', says.textContent);
  el.append(place, says);
  const Plotly = await getPlotly(model);
  const whole = model.get('spec');
  const mix = frame => ({
    data: Array.isArray(frame.data) ? frame.data : whole.data.map((trace, i) => ({ ...trace, ...frame.data?.[i] })),
    layout: { ...whole.layout, ...frame.layout, font: { color: isDark() ? '#d6d6d6' : '#3a3a3a' }, autosize: true },
  });
  let now = { sentence: model.get('sentence') }, queued = false;
  const paint = () => {
    queued = false;
    const { data, layout } = mix(now);
    Plotly.react(place, data, layout, model.get('config'));
    if (says.textContent !== now.sentence) {
      says.textContent = now.sentence;
      place.setAttribute('aria-label', now.sentence);
    }
  };
  const show = frame => { // at most one drawing a frame of the screen, and always the last
    now = frame;
    if (!queued) { queued = true; requestAnimationFrame(paint); }
  };
  const first = mix(now);
  await Plotly.newPlot(place, first.data, first.layout, model.get('config'));
  // The cell's own still picture has done its duty: it stands there for readers without a kernel.
  const cell = el.closest('.jp-OutputArea-output')?.closest('.jp-OutputArea-child');
  const still = [];
  for (let e = cell?.previousElementSibling; e; e = e.previousElementSibling) {
    if (e.querySelector('.js-plotly-plot, .virtlearn-caption')) { e.style.display = 'none'; still.push(e); }
  }

  // Sliders: their models live in this page, so their values are known here before the kernel hears of them.
  const sliders = {}, ahead = {}, wanted = new Set();
  const value = name => sliders[name].get(model.get('sliders')[name][1]);
  const others = name => JSON.stringify(Object.keys(sliders).filter(n => n !== name).map(value));
  let rest = 0;
  const ask = () => { // when everything is at rest, fetch what is missing, one slider at a time
    const name = Object.keys(sliders).find(n => ahead[n]?.others !== others(n) && !wanted.has(n));
    if (name && !wanted.size) { wanted.add(name); model.send({ kind: 'sweep', name, others: others(name) }); }
  };
  const moved = name => {
    const frame = ahead[name]?.others === others(name) ? ahead[name].frames[value(name)] : undefined;
    if (frame) show(frame);
    clearTimeout(rest);
    rest = setTimeout(ask, 150);
  };
  const heard = message => {
    if (message.kind === 'frame') show(message.frame);
    if (message.kind === 'sweep') {
      ahead[message.name] = message;
      wanted.delete(message.name);
      clearTimeout(rest);
      rest = setTimeout(ask, 150);
    }
  };
  model.on('msg:custom', heard);
  for (const [name, [id]] of Object.entries(model.get('sliders'))) {
    sliders[name] = await model.widget_manager.get_model(id);
    const [, trait] = model.get('sliders')[name];
    sliders[name].on(`change:${trait}`, () => moved(name));
  }
  rest = setTimeout(ask, 150);
  place.on('plotly_click', event => {
    const picked = event.points[0]?.customdata;
    if (picked !== undefined && picked !== null) model.send({ kind: 'pick', value: picked });
  });
  const theme = new MutationObserver(() => show(now));
  theme.observe(document.body, { attributes: true, attributeFilter: ['data-jp-theme-light'] });
  return () => {
    theme.disconnect();
    clearTimeout(rest);
    model.off('msg:custom', heard);
    still.forEach(e => { e.style.display = ''; });
    Plotly.purge(place);
  };
}
export default { render };
