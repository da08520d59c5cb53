// The stage of an explorer, in a notebook and on the course's pages alike: goals, headline, chart, sentence. Time plays.
const GOALS = { open: ['○', ''], before: ['✓', ' (reached before)'], now: ['✔', ' (reached)'] };

class Stage {
  constructor({ texts = [], place, says }, page) {
    const shade = make('div', { className: 'virtlearn-ghost', 'aria-hidden': 'true', hidden: true });
    const twin = make('div');
    Object.assign(this, { place, says, texts, marks: texts.map(() => '') });
    this.goals = make('ol', { className: 'virtlearn-goals', 'aria-label': 'Goals', hidden: !texts.length });
    this.head = make('strong');
    this.before = make('span', { className: 'virtlearn-before' });
    this.headline = make('p', { className: 'virtlearn-headline' }, this.head, this.before);
    this.holder = make('div', { className: 'virtlearn-twin', 'aria-hidden': 'true' }, twin);
    this.chart = new LiveChart({ place, shade, twin }, page);
    this.stage = make('div', { className: 'virtlearn-stage' }, shade);
    this.keeper = make('button', { type: 'button', 'aria-pressed': 'false',
      title: 'Keep the picture as it is now, as pale outlines to compare with; press again to drop it' }, 'Keep');
    this.keeper.onclick = () => this.keep();
    this.tell(page);
  }

  enter() { this.stage.prepend(this.place); } // the chart's place moves in when the stage stands in the page

  tell({ sentence, headline = '', reached = [] }) {
    if (this.says.textContent !== sentence) {
      this.says.textContent = sentence;
      this.place.setAttribute('aria-label', sentence);
    }
    this.head.textContent = headline;
    this.headline.hidden = !headline && !this.before.textContent;
    const marks = this.texts.map((_, i) => reached[i] ? 'now' : this.marks[i] && this.marks[i] !== 'open' ? 'before' : 'open');
    if (String(marks) === String(this.marks)) return;
    this.marks = marks;
    this.goals.replaceChildren(...this.texts.map((text, i) => {
      const [sign, word] = GOALS[marks[i]];
      return make('li', { className: marks[i] }, make('span', { 'aria-hidden': 'true' }, `${sign} `), text, word);
    }));
  }

  show(frame, picture = null) {
    this.tell(frame);
    this.chart.show(frame, picture);
  }

  keep() {
    this.chart.keep();
    const kept = Boolean(this.chart.ghost);
    this.keeper.setAttribute('aria-pressed', String(kept));
    this.headline.hidden = !kept && !this.head.textContent;
    this.before.textContent = kept ? ` kept: ${this.head.textContent || this.says.textContent}` : '';
  }
}

// Time plays: a button moves its slider from where it stands, or from the start, to the end.
class Player {
  constructor(label, range, seconds, move) {
    Object.assign(this, { range, seconds, move, playing: false });
    this.button = make('button', { type: 'button', className: 'virtlearn-play', 'aria-label': `Play: ${label}` }, '▶');
    this.button.onclick = () => this.playing ? this.stop() : this.play();
    // A hand on the slider stops it, also where nothing moves: Home at the start.
    for (const kind of ['keydown', 'pointerdown']) {
      range.addEventListener(kind, event => { if (event.key !== 'Tab') this.stop(); });
    }
  }

  play() {
    const last = Number(this.range.max);
    const from = Number(this.range.value) >= last ? 0 : Number(this.range.value);
    const begin = performance.now();
    // Who wants no motion gets a picture a second.
    const beat = matchMedia('(prefers-reduced-motion: reduce)').matches ? 1000 : 0;
    this.turn(true);
    const step = now => {
      if (!this.playing || !this.range.isConnected) { this.turn(false); return; }
      const gone = beat ? Math.floor((now - begin) / beat) * beat : now - begin;
      const at = Math.min(last, from + Math.floor(Math.max(gone, 0) / 1000 / this.seconds * last));
      if (at !== Number(this.range.value)) this.move(at);
      if (at >= last) this.turn(false); else requestAnimationFrame(step);
    };
    if (from !== Number(this.range.value)) this.move(from);
    requestAnimationFrame(step);
  }

  stop() { this.turn(false); }

  turn(on) {
    this.playing = on;
    this.button.textContent = on ? '■' : '▶';
    this.button.setAttribute('aria-pressed', String(on));
  }
}
