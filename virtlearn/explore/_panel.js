// The panel: labels, sliders, number boxes, lists, buttons, and the chart under them. It moves at once; the kernel
// hears of it, answers with the exact chart, and sends ahead what each position of the slider in hand will show.
const PATIENCE = 8000; // milliseconds without an answer until the panel says so
const STOPPED = 'The kernel was restarted or stopped. Choose Run > Run All Above Selected Cell, then run this cell '
  + '(Shift+Enter): the sliders come back.';
const WAITING = 'No answer from the kernel yet. It is busy with another cell, or it was stopped; then run this cell again '
  + '(Shift+Enter).';
let count = 0; // makes the names of elements unique in a page

function make(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in e && name !== 'list') e[name] = value; else e.setAttribute(name, value);
  }
  e.append(...children);
  return e;
}

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
    this.chart = new LiveChart(this.place, this.page);
    this.holder.append(this.chart.twin);
    this.say(this.page.sentence);
    this.follow(state);
  }

  build() {
    this.inputs = {};
    const rows = Object.values(this.controls).map(control => this.row(control));
    const visible = rows.slice(0, this.page.visible), more = rows.slice(this.page.visible);
    const reset = make('button', { type: 'button', title: 'Put every control back to where it began' }, 'Reset');
    reset.onclick = () => { this.wanted = {}; this.post({ kind: 'reset' }); };
    this.numbers = make('button',
      { type: 'button', title: 'Show the numbers behind the chart as a table', 'aria-pressed': 'false' }, 'Numbers');
    this.numbers.onclick = () => this.tabulate(this.numbers.getAttribute('aria-pressed') === 'false');
    this.fields = make('fieldset', { 'aria-label': `Controls of ${this.page.title}` }, ...visible);
    if (more.length) this.fields.append(make('details', {}, make('summary', {}, 'More'), ...more));
    this.fields.append(make('div', { className: 'virtlearn-buttons' }, reset, this.numbers));
    this.notice = make('p', { className: 'virtlearn-notice', role: 'alert', hidden: true });
    this.place = make('div', { className: 'virtlearn-chart', role: 'img', 'aria-busy': 'true' });
    this.says = make('p', { className: 'virtlearn-sentence', role: 'status' });
    this.table = make('div', { className: 'virtlearn-table', hidden: true, tabIndex: 0, role: 'region',
      'aria-label': 'The numbers behind the chart' });
    this.holder = make('div', { className: 'virtlearn-twin', 'aria-hidden': 'true' });
    // Keys belong to the panel while it has the focus, not to the notebook's own shortcuts.
    this.el.setAttribute('data-lm-suppress-shortcuts', 'true');
    this.el.classList.add('virtlearn-panel');
    this.el.replaceChildren(this.fields, this.notice, this.place, this.says, this.table, this.holder);
    // A press on a slider or a list is not for the notebook, which would take the focus away.
  }

  row(control) {
    const { name, label, texts, options } = control, id = `${this.id}-${name}`;
    const row = make('div', { className: 'virtlearn-row', title: control.tip }, make('label', { htmlFor: id }, label));
    if (options) {
      const list = make('select', { id }, ...options.map(text => make('option', {}, text)));
      list.onchange = () => this.move(name, list.selectedIndex);
      this.inputs[name] = { list };
      row.append(list);
      return row;
    }
    const range = make('input', { type: 'range', id, min: 0, max: texts.length - 1, step: 1 });
    const ends = { min: control.positions[0], max: control.positions.at(-1), step: control.whole ? 1 : 'any' };
    const box = make('input', { type: 'number', 'aria-label': `Type ${label} here`, ...ends });
    range.oninput = () => this.move(name, Number(range.value));
    box.onchange = () => this.type(name, box);
    for (const kind of ['pointerover', 'focusin']) row.addEventListener(kind, () => this.take(name));
    this.inputs[name] = { range, box };
    row.append(range, box);
    return row;
  }

  // ----- what the learner does
  move(name, at) {
    const { positions } = this.controls[name];
    this.at[name] = at;
    if (positions) this.value[name] = positions[at];
    this.wanted[name] = positions ? positions[at] : at;
    this.current = positions ? name : this.current;
    this.write(name);
    const sweep = this.ahead[name], frame = sweep?.frames[at];
    if (frame && this.holds(name)) this.show(frame, sweep.look === this.chart.look() ? sweep.pictures[at] : null);
    this.flush();
    this.settle();
  }

  type(name, box) {
    const { positions, whole } = this.controls[name];
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
    const { texts, unit } = this.controls[name], { range, box, list } = this.inputs[name];
    if (list) { list.selectedIndex = this.at[name]; return; }
    range.value = this.at[name];
    const exact = this.value[name] === this.controls[name].positions[this.at[name]];
    const text = exact ? texts[this.at[name]] : this.value[name];
    range.setAttribute('aria-valuetext', `${text} ${unit}`.trim());
    if (document.activeElement !== box || Number(box.value) !== this.value[name]) box.value = this.value[name];
  }

  follow({ at, value, texts }) {
    for (const [name, words] of Object.entries(texts ?? {})) { // as far as there is something to choose
      const { range, box } = this.inputs[name], { positions } = this.controls[name];
      this.controls[name] = { ...this.controls[name], texts: words };
      range.max = words.length - 1;
      box.max = positions[words.length - 1];
    }
    Object.assign(this.at, at);
    Object.assign(this.value, value);
    Object.keys(this.controls).forEach(name => this.write(name));
  }

  say(sentence) {
    if (this.says.textContent === sentence) return;
    this.says.textContent = sentence;
    this.place.setAttribute('aria-label', sentence);
  }

  warn(text) {
    this.notice.textContent = text;
    this.notice.hidden = !text;
  }

  show(frame, picture = null) {
    this.say(frame.sentence);
    this.chart.show(frame, picture);
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
    return Object.keys(this.at).every(other => other === name || sweep.at[other] === this.at[other]);
  }

  settle() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(), 200);
  }

  rest() { // draw the chart itself again, then get ready for the next move
    this.chart.rest();
    const name = this.current;
    if (!name || this.waiting || !this.begun) return;
    if (this.holds(name)) { this.prepare(name, this.ahead[name]); return; }
    const here = JSON.stringify([name, this.stamp, { ...this.at, [name]: null }]);
    if (this.asked !== here) this.model.send({ kind: 'sweep', name });
    this.asked = here;
  }

  prepare(name, sweep) {
    const look = this.chart.look();
    if (sweep.look !== look) Object.assign(sweep, { look, pictures: {} });
    const away = i => Math.abs(i - this.at[name]);
    const missing = Object.keys(sweep.frames).filter(i => !(i in sweep.pictures));
    const next = missing.sort((i, j) => away(i) - away(j))[0];
    if (next === undefined || sweep !== this.ahead[this.current] || sweep.busy) return;
    sweep.busy = true;
    idle(async () => {
      if (this.begun) {
        const picture = await this.chart.portrait(sweep.frames[next]);
        if (sweep.look === this.chart.look()) sweep.pictures[next] = picture;
      }
      sweep.busy = false;
      if (this.begun) this.prepare(name, sweep);
    }, { timeout: 1000 });
  }

  async hear(message, buffers) {
    if (message.kind === 'table') this.table.innerHTML = message.html;
    if (message.kind === 'sweep') {
      const frames = JSON.parse(await unpack(buffers[0], 'text'));
      this.ahead[message.name] = { ...message, frames, pictures: {} };
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
    if (!behind || !this.holds(this.current)) this.show(message.frame);
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

  end() {
    if (!this.begun) return;
    this.begun = null;
    this.colours.disconnect();
    this.channel.off('msg:custom', this.heard);
    this.channel.off('comm_live_update', this.stopped);
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
