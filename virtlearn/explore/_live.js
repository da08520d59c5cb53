// The live chart, in a notebook and on the course's pages alike. It is given a whole figure once, then frames: what
// differs from it. While a slider moves, pictures stand in for the chart: a twin out of sight has drawn them in idle
// moments. An axis that begins at 0 shrinks only when the slider is let go. A state that was kept lies over the chart.
const AXIS = /^[xy]axis\d*$/;

// Where the axes of a layout end, by name: those that begin at 0.
const endsOf = layout => Object.fromEntries(Object.entries(layout)
  .filter(([name, axis]) => AXIS.test(name) && axis.type !== 'log' && !axis.autorange && axis.range?.[0] === 0 && axis.range[1] > 0)
  .map(([name, axis]) => [name, axis.range[1]]));

class LiveChart {
  constructor({ place, shade, twin }, { spec, config, more = 0 }) {
    Object.assign(this, { place, shade, twin, whole: spec, config, more, now: {}, drawn: 0, queued: false });
    this.picture = document.createElement('div');
    this.picture.className = 'plot-container plotly';
    this.ready = null; // the picture to show next
    this.aside = null; // the chart's own nodes, while a picture stands in their place
    this.held = {}; // where axes ended when the slider was last let go
    this.shown = {}; // where they end now
    this.grown = {}; // where they end at least, while it is in hand: then they only grow
    this.inHand = false;
    this.ghost = null; // a figure that was kept
    this.made = new WeakMap(); // for the frames of a slider: their pictures, and how these look
    place.style.height = `${heightOf(place, spec.layout, more)}px`; // the page below must not jump when the chart comes
  }

  merged(frame) {
    const data = Array.isArray(frame.data) ? frame.data
      : this.whole.data.map((trace, i) => ({ ...trace, ...frame.data?.[i] }));
    return { data, layout: { ...this.whole.layout, ...frame.layout } };
  }

  // A slider is in hand from its first event until it is let go; each key is a move of its own.
  grab() { this.inHand = true; }
  letGo() { this.inHand = false; this.grown = {}; }

  reach(layout, grown = this.grown) { // the ends of its axes here and now
    const others = [grown, this.held, this.ghost ? endsOf(this.ghost.layout) : {}];
    return Object.fromEntries(Object.entries(endsOf(layout))
      .map(([name, end]) => [name, Math.max(end, ...others.map(ends => ends[name] ?? 0))]));
  }

  draw(where, { data, layout }, ends, how = 'react', config = this.config) {
    const here = fitted(this.place, layout, this.more);
    for (const [name, end] of Object.entries(ends)) {
      if (here[name]) here[name] = { ...here[name], range: [0, end] };
    }
    where.style.height = `${here.height}px`;
    const drawn = this.Plotly[how](where, data, here, config);
    return isTight(this.place) ? drawn.then(() => makeRoom(where)) : drawn;
  }

  async begin(Plotly) {
    this.Plotly = Plotly;
    const figure = this.merged(this.now);
    this.held = this.shown = endsOf(figure.layout);
    await this.draw(this.place, figure, this.held, 'newPlot');
    this.drawn = performance.now();
    this.say('resting');
  }

  // Nothing twice; the first at once, then one a frame of the screen; always the last.
  show(frame, picture = null) {
    if (JSON.stringify(frame) === JSON.stringify(this.now)) return;
    this.now = frame;
    this.ready = picture;
    this.say('moving');
    if (!this.Plotly || this.queued) return;
    if (performance.now() - this.drawn > 17) { this.paint(); return; }
    this.queued = true;
    requestAnimationFrame(() => { this.queued = false; this.paint(); });
  }

  paint() {
    this.drawn = performance.now();
    if (!this.Plotly || !this.place.isConnected) return;
    const figure = this.merged(this.now), ends = this.reach(figure.layout);
    this.shown = ends;
    if (this.inHand) this.grown = ends;
    if (this.ghost) this.haunt(ends);
    if (this.ready) {
      this.picture.innerHTML = this.ready;
      this.place.data = figure.data;
      if (this.aside) return;
      this.aside = [...this.place.childNodes];
      this.place.replaceChildren(this.picture);
      return;
    }
    if (this.aside) { this.place.replaceChildren(...this.aside); this.aside = null; }
    this.draw(this.place, figure, ends);
  }

  // Whoever waits for it can see it: moving, at rest, or with every picture drawn ahead.
  say(state) { if (this.place.parentElement) this.place.parentElement.dataset.state = state; }

  rest() { // at rest the chart itself is drawn again, and its axes end where they should
    const { layout } = this.merged(this.now);
    this.letGo();
    this.held = endsOf(layout);
    this.ready = null;
    if (this.aside || JSON.stringify(this.reach(layout)) !== JSON.stringify(this.shown)) this.paint();
    this.say('resting');
  }

  redraw() { // the page has another width or other colours
    this.ready = null;
    this.paint();
  }

  // ----- one state can be kept
  keep() {
    this.ghost = this.ghost ? null : this.merged(this.now);
    this.shade.hidden = !this.ghost;
    this.redraw();
  }

  haunt(ends) { // the kept figure on the axes of the one that moves, as outlines
    const look = JSON.stringify([this.place.clientWidth, isDark(this.place), ends, this.ghost.layout.title]);
    if (this.shade.virtlearn === look) return;
    this.shade.virtlearn = look;
    this.draw(this.shade, this.ghost, ends, 'react', { staticPlot: true });
  }

  // ----- pictures ahead: the nearest first
  look() {
    const ends = [this.held, this.ghost ? endsOf(this.ghost.layout) : null];
    return JSON.stringify([this.place.clientWidth, isDark(this.place), ends]);
  }

  pictureOf(frames, at) {
    const made = this.made.get(frames), { layout } = this.merged(frames[at]);
    if (made?.look !== this.look() || !made.pictures[at]) return null;
    // Pictures know nothing of axes that have grown since.
    return JSON.stringify(this.reach(layout, {})) === JSON.stringify(this.reach(layout)) ? made.pictures[at] : null;
  }

  prepare(frames, at, wanted) { // as long as ``wanted()``, around ``at()``
    const look = this.look();
    if (this.made.get(frames)?.look !== look) this.made.set(frames, { look, pictures: {} });
    const made = this.made.get(frames);
    const away = i => Math.abs(i - at());
    const missing = Object.keys(frames).filter(i => !(i in made.pictures));
    const next = missing.sort((i, j) => away(i) - away(j))[0];
    if (next === undefined) this.say('ready');
    if (next === undefined || this.busy || !wanted()) return;
    this.busy = true;
    idle(async () => {
      if (this.Plotly) made.pictures[next] = await this.portrait(frames[next]);
      this.busy = false;
      if (this.Plotly) this.prepare(frames, at, wanted);
    }, { timeout: 1000 });
  }

  async portrait(frame) { // what the chart would look like
    const figure = this.merged(frame);
    this.twin.style.width = `${this.place.clientWidth}px`;
    await this.draw(this.twin, figure, this.reach(figure.layout, {}));
    return this.twin.querySelector('.svg-container')?.outerHTML ?? null;
  }

  end() {
    for (const drawn of [this.place, this.twin, this.shade]) this.Plotly?.purge(drawn);
    delete this.shade.virtlearn;
    this.Plotly = null;
  }
}
