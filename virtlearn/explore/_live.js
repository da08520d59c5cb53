// The live chart. The kernel sends a whole figure once, then frames: what differs from it. For the slider that
// moves it has sent the frames of all positions ahead, so that the chart answers without waiting for the kernel.
const SHARED = '__virtlearn_plotly';

const unpack = (bytes, as) =>
  new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')))[as]();

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
      const script = document.createElement('script');
      script.src = URL.createObjectURL(new Blob([await unpack(buffers[0], 'arrayBuffer')], { type: 'text/javascript' }));
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

const idle = globalThis.requestIdleCallback ?? (work => setTimeout(work, 30)); // Safari has none

const isDark = () => document.body.dataset.jpThemeLight === 'false' ||
  (!('jpThemeLight' in document.body.dataset) && matchMedia('(prefers-color-scheme: dark)').matches);

async function render({ model, el }) {
  const place = document.createElement('div'), says = document.createElement('p');
  place.className = 'virtlearn-chart';
  place.setAttribute('role', 'img');
  says.setAttribute('role', 'status');
  says.className = 'virtlearn-sentence';
  says.style.margin = '0 5px 1em'; // as far in as the text of a cell
  says.textContent = model.get('sentence');
  place.setAttribute('aria-label', says.textContent);
  el.append(place, says);
  const Plotly = await getPlotly(model);
  await new Promise(done => idle(done, { timeout: 2000 })); // let the widgets of the cells below begin first
  const whole = model.get('spec');
  const mix = frame => ({
    data: Array.isArray(frame.data) ? frame.data : whole.data.map((trace, i) => ({ ...trace, ...frame.data?.[i] })),
    layout: { ...whole.layout, ...frame.layout, font: { color: isDark() ? '#d6d6d6' : '#3a3a3a' }, autosize: true },
  });
  let now = { sentence: model.get('sentence') }, queued = false, drawn = 0;
  const draw = (where, frame, how) => {
    const { data, layout } = mix(frame);
    // A height of its own: a picture in the chart's place must not let the page below jump up.
    where.style.height = `${layout.height ?? layout.template.layout.height}px`;
    return Plotly[how](where, data, layout, model.get('config'));
  };

  // While a slider moves, pictures stand in for the chart: a twin out of sight has drawn them in idle moments.
  const twin = document.createElement('div'), picture = document.createElement('div');
  twin.style.cssText = 'position:absolute;left:-9999px;visibility:hidden';
  twin.setAttribute('aria-hidden', 'true');
  picture.className = 'plot-container plotly';
  let chart = null, ready = null; // the chart's own nodes, while a picture stands in; the picture to show next
  const paint = () => {
    drawn = performance.now();
    if (says.textContent !== now.sentence) {
      says.textContent = now.sentence;
      place.setAttribute('aria-label', now.sentence);
    }
    if (ready) {
      picture.innerHTML = ready;
      place.data = mix(now).data;
      if (!chart) { chart = [...place.childNodes]; place.replaceChildren(picture); }
      return;
    }
    if (chart) { place.replaceChildren(...chart); chart = null; }
    draw(place, now, 'react');
  };
  const show = (frame, svg = null) => { // nothing twice; the first at once, then one a frame of the screen; always the last
    if (JSON.stringify(frame) === JSON.stringify(now)) return;
    now = frame;
    ready = svg;
    if (queued) return;
    if (performance.now() - drawn > 17) return paint();
    queued = true;
    requestAnimationFrame(() => { queued = false; paint(); });
  };
  await draw(place, now, 'newPlot');
  place.on('plotly_click', event => {
    const picked = event.points[0]?.customdata;
    if (picked !== undefined && picked !== null) model.send({ kind: 'pick', value: picked });
  });
  el.append(twin);
  // The cell's own still picture has done its duty: it stands there for readers without a kernel.
  const cell = el.closest('.jp-OutputArea-output')?.closest('.jp-OutputArea-child');
  const still = [];
  for (let e = cell?.previousElementSibling; e; e = e.previousElementSibling) {
    if (e.querySelector('.js-plotly-plot, .virtlearn-caption')) { e.style.display = 'none'; still.push(e); }
  }

  // Sliders: their models live in this page, so their values are known here before the kernel hears of them.
  const sliders = {}, ahead = {};
  let stamp = model.get('stamp'), rest = 0, asked = '';
  const value = name => sliders[name].get(model.get('sliders')[name][1]);
  // What was sent ahead holds while nothing but its own slider has moved since.
  const others = name => Object.keys(sliders).filter(n => n !== name);
  const holds = name => ahead[name] && ahead[name].stamp === stamp && others(name).every(n => ahead[name].at[n] === value(n));
  let current = null; // the slider in hand: the pointer is over it, or it has the focus
  const rested = () => { // draw the chart itself again, then get ready for the next move
    ready = null;
    if (chart) paint();
    if (!current) return;
    if (holds(current)) return prepare(current, ahead[current]);
    const here = JSON.stringify([current, stamp, others(current).map(value)]);
    if (asked !== here) model.send({ kind: 'sweep', name: current });
    asked = here;
  };
  const settle = () => { clearTimeout(rest); rest = setTimeout(rested, 200); };
  const look = () => `${place.clientWidth} ${isDark()}`;
  const prepare = (name, sweep) => {
    if (sweep.look !== look()) Object.assign(sweep, { look: look(), pictures: {} });
    const away = i => Math.abs(i - value(name));
    const next = Object.keys(sweep.frames).filter(i => !(i in sweep.pictures)).sort((i, j) => away(i) - away(j))[0];
    if (next === undefined || sweep !== ahead[current] || sweep.busy) return;
    sweep.busy = true;
    idle(async () => {
      twin.style.width = `${place.clientWidth}px`;
      await draw(twin, sweep.frames[next], 'react');
      if (sweep.look === look()) sweep.pictures[next] = twin.querySelector('.svg-container')?.outerHTML ?? null;
      sweep.busy = false;
      if (el.isConnected) prepare(name, sweep);
    }, { timeout: 1000 });
  };
  const moved = name => {
    const at = value(name), sweep = ahead[name];
    current = name;
    if (holds(name) && sweep.frames[at]) show(sweep.frames[at], sweep.look === look() ? sweep.pictures[at] : null);
    settle();
  };
  const heard = async (message, buffers) => {
    if (message.kind === 'frame') {
      stamp = message.stamp;
      // An answer to where a slider stood a moment ago must not undo what is drawn already.
      const late = Object.keys(sliders).some(n => message.at[n] !== value(n));
      if (!late || !holds(current)) show(message.frame);
    }
    if (message.kind === 'sweep') {
      ahead[message.name] = { ...message, frames: JSON.parse(await unpack(buffers[0], 'text')) };
    }
    settle();
  };
  model.on('msg:custom', heard);
  for (const [name, [id]] of Object.entries(model.get('sliders'))) {
    sliders[name] = await model.widget_manager.get_model(id);
    const [, trait] = model.get('sliders')[name];
    sliders[name].on(`change:${trait}`, () => moved(name));
  }
  const panel = el.closest('.jp-OutputArea-output') ?? el.parentElement;
  const handles = () => [...panel.querySelectorAll('.widget-slider')];
  const touched = event => {
    for (const e of handles()) // ipywidgets gives its sliders a label for the eye only
      e.querySelector('[role=slider]')?.setAttribute('aria-label', e.querySelector('label')?.textContent ?? '');
    const i = handles().findIndex(e => e.contains(event.target));
    if (i < 0 || current === Object.keys(sliders)[i]) return;
    current = Object.keys(sliders)[i];
    settle();
  };
  for (const kind of ['pointerover', 'focusin']) panel.addEventListener(kind, touched);
  touched({ target: null });
  const theme = new MutationObserver(() => { ready = null; paint(); });
  place.setAttribute('aria-busy', 'false'); // ready to be moved and clicked
  model.send({ kind: 'ready' });
  theme.observe(document.body, { attributes: true, attributeFilter: ['data-jp-theme-light'] });
  return () => {
    theme.disconnect();
    clearTimeout(rest);
    model.off('msg:custom', heard);
    still.forEach(e => { e.style.display = ''; });
    for (const kind of ['pointerover', 'focusin']) panel.removeEventListener(kind, touched);
    [place, twin].forEach(Plotly.purge);
  };
}
export default { render };
