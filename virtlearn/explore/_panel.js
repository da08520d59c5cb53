// The panel: labels, sliders, number boxes, lists, buttons, and the chart under them. It moves at once; the kernel
// hears of it, answers with the exact chart, and sends ahead what each position of the slider in hand will show.
const PATIENCE = 8000; // milliseconds without an answer until the panel says so
const STOPPED = 'The kernel was restarted or stopped. Choose Run > Run All Above Selected Cell, then run this cell '
  + '(Shift+Enter): the sliders come back.';
const WAITING = 'No answer from the kernel yet. It is busy with another cell, or it was stopped; then run this cell again '
  + '(Shift+Enter).';
let count = 0; // makes the names of elements unique in a page

const SHARED = '__virtlearn_plotly';

const unpack = (bytes, as) =>
  new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')))[as]();

async function fromKernel(ask) { // where JupyterLab has none: once a page, packed, from the installed plotly
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

class Panel {
  constructor(model, el) {
    Object.assign(this, { model, el, page: model.get('page'), channel: model.get('layout') });
    const { controls, state } = this.page;
    Object.assign(this, { controls, at: { ...state.at }, value: { ...state.value }, stamp: state.stamp });
    this.id = `virtlearn-${++count}-${Math.random().toString(36).slice(2, 8)}`;
    this.wanted = {}; // what was moved since the last message to the kernel
    this.sent = 0;
    this.waiting = null; // the message that the kernel has not answered yet
    this.ahead = {}; // by slider: the frames of all its positions
    this.current = null; // the slider in hand: the pointer is over it, or it has the focus
    this.asked = '';
    this.build();
    this.follow(state);
  }

  build() {
    this.inputs = {};
    this.rows = {};
    const names = Object.keys(this.controls), { in_sight: inSight } = this.page;
    names.forEach(name => { this.rows[name] = this.row(this.controls[name]); });
    const visible = inSight.map(name => this.rows[name]);
    const more = names.filter(name => !inSight.includes(name)).map(name => this.rows[name]);
    const reset = make('button', { type: 'button', title: 'Put every control back to where it began' }, 'Reset');
    reset.onclick = () => { this.wanted = {}; this.post({ kind: 'reset' }); };
    this.numbers = make('button',
      { type: 'button', title: 'Show the numbers behind the chart as a table', 'aria-pressed': 'false' }, 'Numbers');
    this.numbers.onclick = () => this.tabulate(this.numbers.getAttribute('aria-pressed') === 'false');
    this.place = make('div', { className: 'virtlearn-chart', role: 'img', 'aria-busy': 'true' });
    this.says = make('p', { className: 'virtlearn-sentence', role: 'status' });
    this.stage = new Stage({ texts: this.page.goals, place: this.place, says: this.says }, this.page);
    this.stage.enter();
    this.chart = this.stage.chart;
    const controls = make('div', { className: 'virtlearn-controls' }, ...visible);
    this.fields = make('fieldset', { 'aria-label': `Controls of ${this.page.title}` }, controls);
    this.fields.onchange = () => this.chart.letGo();
    const buttons = make('div', { className: 'virtlearn-buttons' }, reset, this.stage.keeper, this.numbers);
    if (more.length) {
      const rest = make('div', { className: 'virtlearn-controls' }, ...more);
      this.fields.append(make('details', {}, make('summary', {}, 'More'), rest));
    }
    this.fields.append(buttons);
    this.notice = make('p', { className: 'virtlearn-notice', role: 'alert', hidden: true });
    this.table = make('div', { className: 'virtlearn-table', hidden: true, tabIndex: 0, role: 'region',
      'aria-label': 'The numbers behind the chart' });
    this.el.classList.add('virtlearn-panel');
    const { goals, headline, stage, holder } = this.stage;
    this.el.replaceChildren(goals, this.fields, this.notice, headline, stage, this.says, this.table, holder);
    this.table.setAttribute('data-lm-suppress-shortcuts', 'true');
  }

  row(control) {
    const { name, label, texts, options } = control, id = `${this.id}-${name}`;
    const row = make('div', { className: 'virtlearn-row', title: control.tip }, make('label', { htmlFor: id }, label));
    const why = make('span', { className: 'virtlearn-why', id: `${id}-why` });
    if (options) {
      const list = make('select', { id, 'aria-describedby': why.id }, ...options.map(text => make('option', {}, text)));
      list.onchange = () => this.move(name, list.selectedIndex);
      this.inputs[name] = { list, why };
      row.append(list, why);
      return row;
    }
    const range = make('input', { type: 'range', id, min: 0, max: texts.length - 1, step: 1, 'aria-describedby': why.id });
    const ends = { min: control.positions[0], max: control.positions.at(-1), step: control.whole ? 1 : 'any' };
    const box = make('input', { type: 'number', 'aria-label': `Type ${label} here`, ...ends });
    const said = make('output', { className: 'virtlearn-said', 'aria-hidden': 'true' }); // the slider says it already
    range.oninput = () => { this.player?.stop(); this.move(name, Number(range.value)); };
    box.oninput = () => { box.typing = true; };
    box.onchange = () => { if (box.typing) this.type(name, box); };
    box.onkeydown = event => { if (event.key === 'Enter') box.onchange(); };
    for (const kind of ['pointerover', 'focusin']) row.addEventListener(kind, () => this.take(name));
    this.inputs[name] = { range, box, said, why };
    row.append(range, box, said, why);
    if (control.plays) {
      this.player = new Player(label, range, control.plays, at => { this.take(name); this.move(name, at); });
      range.before(this.player.button);
      row.classList.add('virtlearn-time');
    }
    return row;
  }

  // ----- what the learner does
  move(name, at) {
    const { positions } = this.controls[name];
    const sweep = this.ahead[name], frame = this.holds(name) ? sweep.frames[at] : null;
    this.chart.grab();
    this.at[name] = at;
    if (positions) this.value[name] = positions[at];
    this.wanted[name] = positions ? positions[at] : at;
    this.current = positions ? name : this.current;
    this.write(name);
    if (frame) {
      this.bring(name, { ...sweep.at, ...sweep.moves[at] });
      this.stage.show(frame, this.chart.pictureOf(sweep.frames, at));
    }
    this.flush();
    this.settle();
  }

  bring(name, places) { // the other controls to where this position takes them, as a clock to the end of a longer race
    for (const [other, at] of Object.entries(places)) {
      if (other === name || this.at[other] === at) continue;
      const { positions } = this.controls[other];
      this.at[other] = at;
      if (positions) this.value[other] = positions[at];
      this.write(other);
    }
  }

  type(name, box) {
    const { positions, whole } = this.controls[name];
    box.typing = false;
    const typed = box.value === '' ? this.value[name] : Number(box.value);
    const value = Math.min(Math.max(whole ? Math.round(typed) : typed, Number(box.min)), Number(box.max));
    const away = positions.map(p => Math.abs(p - value));
    this.at[name] = away.indexOf(Math.min(...away));
    this.value[name] = this.wanted[name] = value;
    this.stamp = null; // nothing that was sent ahead holds between the positions
    this.write(name);
    this.flush();
    this.settle();
  }

  take(name) {
    if (this.current === name) return;
    this.current = name;
    this.settle();
  }

  tabulate(open) {
    this.numbers.setAttribute('aria-pressed', String(open));
    this.table.hidden = !open;
    this.model.send({ kind: 'table', open });
  }

  // ----- what stands in the page
  write(name) {
    const { texts, unit } = this.controls[name], { range, box, said, list } = this.inputs[name];
    if (list) { list.selectedIndex = this.at[name]; return; }
    range.value = this.at[name];
    const exact = this.value[name] === this.controls[name].positions[this.at[name]];
    const text = exact ? texts[this.at[name]] : this.value[name];
    range.setAttribute('aria-valuetext', `${text} ${unit}`.trim());
    said.textContent = text;
    if (!box.typing) box.value = this.value[name]; // an answer does not write over what is being typed
  }

  follow({ at, value, texts, idle: reasons }) {
    for (const [name, words] of Object.entries(texts ?? {})) { // as far as there is something to choose
      const { range, box } = this.inputs[name], { positions } = this.controls[name];
      this.controls[name] = { ...this.controls[name], texts: words };
      this.rows[name].classList.toggle('virtlearn-named', Number.isNaN(Number(words[0]))); // a box of the tree, say
      range.max = words.length - 1;
      box.max = positions[words.length - 1];
    }
    Object.assign(this.at, at);
    Object.assign(this.value, value);
    for (const name of Object.keys(this.controls)) {
      this.write(name);
      this.still(name, reasons?.[name] ?? '');
    }
  }

  still(name, reason) { // a control that changes nothing says why
    const { range, box, list, why } = this.inputs[name];
    for (const e of [range, box, list]) if (e) e.disabled = Boolean(reason);
    why.textContent = reason;
    this.rows[name].classList.toggle('virtlearn-idle', Boolean(reason));
  }

  warn(text) {
    this.notice.textContent = text;
    this.notice.hidden = !text;
  }

  // ----- between page and kernel: one message at a time, the last value always
  post(message) {
    this.waiting = `${this.id} ${++this.sent}`;
    this.model.send({ ...message, by: this.waiting });
    clearTimeout(this.late);
    this.late = setTimeout(() => { this.waiting = null; this.warn(WAITING); }, PATIENCE);
  }

  flush() {
    if (this.waiting || !Object.keys(this.wanted).length) return;
    this.post({ kind: 'set', moved: this.wanted });
    this.wanted = {};
  }

  // What was sent ahead holds while nothing but its own slider has moved since.
  holds(name) {
    const sweep = this.ahead[name];
    if (!sweep || sweep.stamp !== this.stamp) return false;
    const here = { ...sweep.at, ...sweep.moves[this.at[name]] };
    return Object.keys(this.at).every(other => other === name || here[other] === this.at[other]);
  }

  settle() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(), 200);
  }

  rest() { // draw the chart itself again, then get ready for the next move
    if (!this.player?.playing) this.chart.rest();
    const name = this.current;
    if (!name || this.waiting || !this.begun) return;
    if (this.holds(name)) {
      const sweep = this.ahead[name];
      const wanted = () => this.begun && sweep === this.ahead[this.current];
      this.chart.prepare(sweep.frames, () => this.at[name], wanted);
      return;
    }
    const here = JSON.stringify([name, this.stamp, { ...this.at, [name]: null }]);
    if (this.asked !== here) this.model.send({ kind: 'sweep', name });
    this.asked = here;
  }

  async hear(message, buffers) {
    if (message.kind === 'table') this.table.innerHTML = message.html;
    if (message.kind === 'sweep') {
      const frames = JSON.parse(await unpack(buffers[0], 'text'));
      this.ahead[message.name] = { ...message, frames };
      this.settle();
    }
    if (message.kind !== 'frame') return;
    if (message.by === this.waiting) {
      this.waiting = null;
      clearTimeout(this.late);
    }
    this.warn('');
    this.stamp = message.stamp;
    // An answer to where a slider stood a moment ago must not undo what is shown already.
    const behind = this.waiting || Object.keys(this.wanted).length;
    if (!behind) this.follow(message);
    if (!behind || !this.holds(this.current)) this.stage.show(message.frame);
    this.flush();
    this.settle();
  }

  // ----- a view works while it stands in the page, and only then
  async begin() {
    if (this.begun) return;
    const mine = this.begun = {}; // the token of this stay in the page
    this.heard = (message, buffers) => this.hear(message, buffers);
    this.channel.on('msg:custom', this.heard);
    this.stopped = () => {
      const live = this.channel.comm_live !== false;
      this.fields.disabled = !live;
      clearTimeout(this.late);
      this.warn(live ? '' : STOPPED);
    };
    this.channel.on('comm_live_update', this.stopped);
    this.colours = new MutationObserver(() => this.recolour());
    for (const e of [document.documentElement, document.body]) {
      this.colours.observe(e, { attributes: true, attributeFilter: ['class', 'style', 'data-jp-theme-light'] });
    }
    this.recolour();
    const ask = () => new Promise(resolve => {
      const hear = (message, buffers) => {
        if (message.kind !== 'plotly') return;
        this.channel.off('msg:custom', hear);
        resolve(buffers[0]);
      };
      this.channel.on('msg:custom', hear);
      this.model.send({ kind: 'plotly' });
    });
    const Plotly = await getPlotly(ask);
    await new Promise(done => idle(done, { timeout: 500 })); // let the widgets of the cells below begin first
    if (this.begun !== mine) return; // removed before it was ready
    await this.chart.begin(Plotly);
    this.hide();
    this.width = this.place.clientWidth;
    this.place.on('plotly_click', event => {
      const picked = event.points[0]?.customdata;
      if (picked !== undefined && picked !== null) this.post({ kind: 'pick', value: picked });
    });
    this.place.setAttribute('aria-busy', 'false'); // ready to be moved and clicked
    this.model.send({ kind: 'ready' });
  }

  recolour() {
    const dark = isDark(this.el);
    this.el.style.colorScheme = dark ? 'dark' : 'light';
    if (this.dark === dark) return;
    this.dark = dark;
    this.chart.redraw();
    setTimeout(() => this.begun && this.recolour(), 500); // the style sheets of a theme come after its name
  }

  measure() { // called whenever the panel's size changes, also to or from nothing
    if (!this.el.isConnected) { this.end(); return; }
    this.begin();
    if (!this.place.clientWidth || this.place.clientWidth === this.width) return;
    this.width = this.place.clientWidth;
    requestAnimationFrame(() => this.chart.redraw());
  }

  hide() { // the still, which Jupyter's own pages hide by a rule, before a script can
    if (this.el.closest('.jp-OutputArea, .output_wrapper')) return;
    this.area = around(this.el, '.virtlearn-resting');
    if (this.area?.querySelectorAll('.virtlearn-resting').length === 1) this.area.classList.add('virtlearn-moves');
  }

  end() {
    if (!this.begun) return;
    this.begun = null;
    this.area?.classList.remove('virtlearn-moves');
    this.colours.disconnect();
    this.channel.off('msg:custom', this.heard);
    this.channel.off('comm_live_update', this.stopped);
    this.player?.stop();
    for (const timer of [this.late, this.resting]) clearTimeout(timer);
    this.place.setAttribute('aria-busy', 'true');
    this.chart.end();
  }
}

function render({ model, el }) {
  const panel = new Panel(model, el);
  const sizes = new ResizeObserver(() => panel.measure());
  sizes.observe(el);
  let looks = 200; // a view that is never put into the page is given up; the observer would still see it come
  const look = () => {
    if (el.isConnected) panel.begin();
    else if (looks--) requestAnimationFrame(look);
  };
  look();
  return () => { looks = 0; sizes.disconnect(); panel.end(); };
}
export default { render };
