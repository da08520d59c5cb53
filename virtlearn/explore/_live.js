// The live chart. The kernel sends a whole figure once, then frames: what differs from it. While a slider moves,
// pictures stand in for the chart: a twin out of sight has drawn them in idle moments.
const SHARED = '__virtlearn_plotly';

const unpack = (bytes, as) =>
  new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')))[as]();

async function fromKernel(ask) { // elsewhere: once a page, packed, from the installed plotly
  const script = document.createElement('script');
  const source = await unpack(await ask(), 'arrayBuffer');
  script.src = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  await new Promise((resolve, reject) => {
    Object.assign(script, { onload: resolve, onerror: reject });
    document.head.append(script);
  });
  return globalThis.Plotly;
}

const getPlotly = ask => (globalThis[SHARED] ??= (async () =>
  globalThis.Plotly?.react ? globalThis.Plotly : (await warmLab()) ?? (await fromKernel(ask)))());

class LiveChart {
  constructor(place, { spec, config }) {
    Object.assign(this, { place, whole: spec, config, now: {}, drawn: 0, queued: false });
    this.picture = document.createElement('div');
    this.picture.className = 'plot-container plotly';
    this.twin = document.createElement('div');
    this.ready = null; // the picture to show next
    this.kept = null; // the chart's own nodes, while a picture stands in their place
    place.style.height = `${spec.layout.height}px`; // the page below must not jump when the chart comes
  }

  mix(frame) {
    const data = Array.isArray(frame.data) ? frame.data
      : this.whole.data.map((trace, i) => ({ ...trace, ...frame.data?.[i] }));
    return { data, layout: fitted(this.place, { ...this.whole.layout, ...frame.layout }) };
  }

  draw(where, frame, how = 'react') {
    const { data, layout } = this.mix(frame);
    where.style.height = `${layout.height}px`;
    const drawn = this.Plotly[how](where, data, layout, this.config);
    return isNarrow(this.place) ? drawn.then(() => makeRoom(where)) : drawn;
  }

  async begin(Plotly) {
    this.Plotly = Plotly;
    await this.draw(this.place, this.now, 'newPlot');
    this.drawn = performance.now();
  }

  // Nothing twice; the first at once, then one a frame of the screen; always the last.
  show(frame, picture = null) {
    if (JSON.stringify(frame) === JSON.stringify(this.now)) return;
    this.now = frame;
    this.ready = picture;
    if (!this.Plotly || this.queued) return;
    if (performance.now() - this.drawn > 17) { this.paint(); return; }
    this.queued = true;
    requestAnimationFrame(() => { this.queued = false; this.paint(); });
  }

  paint() {
    this.drawn = performance.now();
    if (!this.Plotly || !this.place.isConnected) return;
    if (this.ready) {
      this.picture.innerHTML = this.ready;
      this.place.data = this.mix(this.now).data;
      if (this.kept) return;
      this.kept = [...this.place.childNodes];
      this.place.replaceChildren(this.picture);
      return;
    }
    if (this.kept) { this.place.replaceChildren(...this.kept); this.kept = null; }
    this.draw(this.place, this.now);
  }

  rest() { // at rest the chart itself is drawn again
    this.ready = null;
    if (this.kept) this.paint();
  }

  redraw() { // the page has another width or other colours
    this.ready = null;
    this.paint();
  }

  look() { return `${this.place.clientWidth} ${isDark(this.place)}`; }

  async portrait(frame) { // what the chart would look like
    this.twin.style.width = `${this.place.clientWidth}px`;
    await this.draw(this.twin, frame);
    return this.twin.querySelector('.svg-container')?.outerHTML ?? null;
  }

  end() {
    for (const drawn of [this.place, this.twin]) this.Plotly?.purge(drawn);
    this.Plotly = null;
  }
}
