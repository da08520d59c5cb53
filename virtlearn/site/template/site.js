// The page: charts, sliders, questions, progress, sources. Everything is in the page or in a file beside it.
'use strict';

const dataOf = id => JSON.parse(document.getElementById(id)?.textContent ?? 'null');

// --- Pictures that stand still -------------------------------------------------------------------

const drawings = new Map(); // where a picture stands: draws it again, in the ink and width of the page now
const still = place => {
  const spec = JSON.parse(place.nextElementSibling.textContent);
  drawings.set(place, () => virtlearn.draw(place, spec));
};
const redraw = place => { if (place.clientWidth) drawings.get(place)?.(); };
document.querySelectorAll('.chart').forEach(still);
const widths = new ResizeObserver(entries => entries.forEach(({ target }) => {
  const width = target.clientWidth;
  if (width && target.dataset.width !== String(width)) {
    target.dataset.width = width;
    redraw(target);
  }
}));
drawings.forEach((_, place) => widths.observe(place));
virtlearn.dark.addEventListener('change', () => drawings.forEach((_, place) => redraw(place)));

// --- Sliders -------------------------------------------------------------------------------------

const arrived = new Map(); // a file of pictures says its name when it is loaded
virtlearn.pictures = (name, packed) => arrived.get(name)(packed);
const load = name => new Promise((resolve, reject) => {
  arrived.set(name, resolve);
  document.head.append(make('script', { src: `data/${name}.js`, onerror: reject }));
});

const control = (spec, at, moved) => {
  const label = spec.unit ? `${spec.label} [${spec.unit}]` : spec.label;
  const shown = make('output', { textContent: spec.texts[at] });
  const why = make('span', { className: 'virtlearn-why' });
  let input;
  if (spec.slider) {
    input = make('input', { type: 'range', min: 0, max: spec.values.length - 1, step: 1, value: at });
    input.setAttribute('aria-valuetext', `${spec.texts[at]} ${spec.unit}`.trim());
  } else {
    input = make('select', {}, ...spec.texts.map((text, i) => new Option(text, i, i === at, i === at)));
  }
  input.title = spec.tip;
  const row = make('label', { className: 'control' }, make('span', { textContent: label }), input);
  if (spec.slider) row.append(shown);
  row.append(why);
  const show = (place, text, reason, end) => {
    if (spec.slider) input.max = spec.values.findLastIndex(value => end === null || value <= end);
    input.value = place;
    input.disabled = Boolean(reason);
    why.textContent = reason;
    shown.textContent = text;
    if (spec.slider) input.setAttribute('aria-valuetext', `${text} ${spec.unit}`.trim());
  };
  const player = spec.plays ? new Player(label, input, spec.plays, moved) : null;
  input.addEventListener('input', () => { player?.stop(); moved(Number(input.value)); });
  return { row: player ? make('div', { className: 'time' }, player.button, row) : row, show, player };
};

const tableOf = ([head, ...rows]) => make('table', {},
  make('thead', {}, make('tr', {}, ...head.map(text => make('th', { scope: 'col', textContent: text })))),
  make('tbody', {}, ...rows.map(row => make('tr', {}, ...row.map(text => make('td', { textContent: text }))))));

class Explorer {
  constructor(place, packed) {
    Object.assign(this, { place, packed, pictureAt: virtlearn.grid(packed), begin: packed.controls.map(({ start }) => start) });
    this.at = [...this.begin];
    this.line = null; // the pictures along the control in hand, while the others stand still
    const chart = place.querySelector('.live'), says = place.querySelector('.sentence');
    const first = this.pictureAt(this.at);
    this.stage = new Stage({ texts: packed.goals, place: chart, says }, { ...first, spec: first, config: virtlearn.CONFIG, more: virtlearn.MORE });
    this.chart = this.stage.chart;
    this.table = place.querySelector('.rows');
    this.fold = this.table.closest('details');
    this.fold.addEventListener('toggle', () => this.tabulate());
  }

  build() {
    const { place, stage, packed } = this;
    this.rows = packed.controls.map((spec, i) => control(spec, this.at[i], to => this.move(i, to)));
    this.player = this.rows.find(({ player }) => player)?.player;
    const reset = make('button', { type: 'button', textContent: 'Reset' });
    reset.addEventListener('click', () => this.go(this.begin));
    const buttons = make('div', { className: 'buttons' }, reset, stage.keeper);
    place.querySelector('.controls').replaceChildren(...this.rows.map(({ row }) => row), buttons);
    place.querySelector('.controls').addEventListener('change', () => this.chart.letGo());
    if (packed.fixed) place.querySelector('.controls').append(make('p', { className: 'fixed', textContent: packed.fixed }));
    place.querySelector('.goals')?.replaceWith(stage.goals);
    place.querySelector('.headline').replaceWith(stage.headline);
    stage.place.replaceWith(stage.stage);
    stage.enter();
    place.append(stage.holder);
    this.write(this.pictureAt(this.at));
  }

  async start() {
    this.build();
    const { chart } = this, { controls, pick } = this.packed;
    await chart.begin(Plotly);
    drawings.set(chart.place, () => { chart.redraw(); this.settle(); });
    widths.observe(chart.place);
    const axis = controls.findIndex(({ name }) => name === pick);
    chart.place.on('plotly_click', event => {
      const i = controls[axis]?.values.indexOf(event.points[0]?.customdata) ?? -1;
      if (i >= 0) this.move(axis, i);
    });
    chart.place.setAttribute('aria-busy', 'false');
    const here = this;
    this.place.positions = { get at() { return [...here.at]; }, set at(to) { here.go(to); } };
    this.settle();
  }

  go(to) {
    this.at = [...to];
    this.line = null;
    this.show(this.pictureAt(this.at));
  }

  move(axis, to) {
    this.chart.grab();
    this.at[axis] = to;
    if (this.line?.axis !== axis) this.line = this.along(axis);
    const frame = this.line.frames[to];
    this.show(frame, this.chart.pictureOf(this.line.frames, to));
  }

  along(axis) {
    const frames = {};
    this.packed.controls[axis].values.forEach((_, i) => {
      frames[i] = this.pictureAt(this.at.map((place, other) => other === axis ? i : place));
    });
    return { axis, frames };
  }

  show(picture, drawn = null) {
    this.write(picture);
    this.stage.show(picture, drawn);
    this.settle();
  }

  write(picture) {
    this.rows.forEach(({ show }, i) => show(this.at[i], picture.at[i], picture.idle[i], picture.ends[i]));
    this.rowsNow = picture.table;
    if (this.fold.open) this.tabulate();
  }

  tabulate() { this.table.replaceChildren(tableOf(this.rowsNow)); }

  settle() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(), 200);
  }

  rest() { // draw the chart itself again, then get ready for the next move
    if (!this.player?.playing) this.chart.rest();
    this.tabulate();
    const { line } = this;
    if (line) this.chart.prepare(line.frames, () => this.at[line.axis], () => this.line === line);
  }
}

const explorer = async place => new Explorer(place, await virtlearn.unpack(await load(place.dataset.pictures))).start();

const near = new IntersectionObserver(entries => entries.filter(e => e.isIntersecting).forEach(({ target }) => {
  near.unobserve(target);
  explorer(target).catch(() => {
    target.querySelector('.controls').textContent = 'The pictures of this explorer could not be loaded; the one below stands still.';
  });
}), { rootMargin: '1000px' });
document.querySelectorAll('.explorer').forEach(place => near.observe(place));

// --- Progress: in this browser, in the form of the file that the notebooks write ------------------------

const KEY = 'virtlearn-progress';
const VERSION = 1;
const EMPTY = { version: VERSION, questions: {} };
const progress = () => {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    return kept?.questions ? kept : structuredClone(EMPTY);
  } catch { return structuredClone(EMPTY); }
};
const BEST = ['right', 'shown', 'wrong']; // what is kept when a question was answered more than once
const remember = (id, { answer, status, hints = 0 }) => {
  const all = progress(), facts = { ...all.questions[id] };
  const known = [status, facts.status].filter(word => BEST.includes(word));
  if (known.length) facts.status = BEST.find(word => known.includes(word));
  if (status === 'shown') facts.shown = true;
  facts.hints = Math.max(facts.hints ?? 0, hints);
  if (answer && !('first' in facts)) facts.first = answer; // nothing ever replaces the first answer
  else if (answer && answer !== [facts.first, ...facts.later ?? []].at(-1)) facts.later = [...facts.later ?? [], answer];
  all.questions[id] = facts;
  keep(all);
};
const keep = all => {
  try { localStorage.setItem(KEY, JSON.stringify(all)); } catch { /* a page that may not keep anything works on */ }
  document.querySelectorAll('.progress').forEach(tellProgress);
};
document.getElementById('save-progress').addEventListener('click', () => {
  const text = JSON.stringify(progress(), null, 1);
  const link = make('a', { href: URL.createObjectURL(new Blob([text], { type: 'application/json' })), download: 'virtlearn-progress.json' });
  link.click();
});
document.getElementById('take-progress').addEventListener('change', async ({ target }) => {
  const said = document.getElementById('kept');
  try {
    const taken = JSON.parse(await target.files[0].text());
    const here = progress();
    for (const [id, facts] of Object.entries(taken.questions)) here.questions[id] ??= facts;
    keep(here);
    said.textContent = `Taken in: ${Object.keys(taken.questions).length} questions. Load the page again to see them.`;
  } catch { said.textContent = 'That is not a progress file of this course. Nothing was changed.'; }
});

// --- Questions -----------------------------------------------------------------------------------

const questions = dataOf('questions') ?? {};
const SIGNS = { right: '✔ Right.', wrong: '✘ Not yet.', missed: '✘ Not this one.', 'not attempted': '… Not attempted.', shown: 'The answer.' };
const say = (place, status, message) => place.replaceChildren(
  make('p', { className: `note ${status.replace(' ', '-')}` }, make('strong', { textContent: SIGNS[status] }), ` ${message}`));

const askChoice = (question, place, said) => {
  const name = `q-${question.id}`;
  const lines = question.options.map(([letter, text]) => {
    const input = make('input', { type: 'radio', name, value: letter });
    return { letter, input, row: make('label', { className: 'option' }, input, make('span', { textContent: `${letter}  ${text}` })) };
  });
  const commit = make('button', { type: 'button', textContent: 'I commit' });
  const show = make('button', { type: 'button', textContent: 'Just show me' });
  const finish = () => {
    [commit, show, ...lines.map(({ input }) => input)].forEach(element => { element.disabled = true; });
    const answer = lines.find(({ letter }) => letter === question.answer);
    answer.row.append(make('em', { className: 'this-one', textContent: ' ← the answer' }));
    document.querySelectorAll(`[data-after="${question.id}"]`).forEach(fold => { fold.open = true; });
  };
  const tell = (status, letter) => {
    const verdict = virtlearn.judge(question, letter);
    // A prediction cannot be tried again: "yet" would promise what is not there.
    say(said, status === 'wrong' ? 'missed' : status, verdict.message);
    if (status !== 'right' || question.reveals) said.append(make('p', { textContent: question.solution }));
    finish();
  };
  commit.addEventListener('click', () => {
    const chosen = lines.find(({ input }) => input.checked);
    if (!chosen) return say(said, 'not attempted', 'Choose one of the answers first.');
    const { status } = virtlearn.judge(question, chosen.letter);
    remember(question.id, { status, answer: chosen.letter });
    tell(status, chosen.letter);
  });
  show.addEventListener('click', () => {
    remember(question.id, { status: 'shown' });
    say(said, 'shown', question.solution);
    finish();
  });
  const options = make('fieldset', {}, make('legend', { textContent: question.ask }), ...lines.map(({ row }) => row));
  place.replaceChildren(options, make('div', { className: 'buttons' }, commit, show), said);
  const old = progress().questions[question.id];
  const before = lines.find(({ letter }) => letter === old?.first);
  if (before) { // the first commitment is kept and shown
    before.input.checked = true;
    tell(virtlearn.judge(question, before.letter).status, before.letter);
  }
};

const askText = (question, place, said) => {
  const unit = question.kind === 'number' ? question.unit : '';
  const input = make('input', { type: 'text', inputMode: question.kind === 'number' ? 'decimal' : 'text', autocomplete: 'off' });
  const label = make('label', {}, make('span', { textContent: question.ask }), input, unit ? ` ${unit}` : '');
  const check = make('button', { type: 'button', textContent: 'Check' });
  const solve = make('button', { type: 'button', textContent: 'Show the solution' });
  const decide = () => {
    const verdict = virtlearn.judge(question, input.value);
    if (verdict.status !== 'not attempted') remember(question.id, { status: verdict.status, answer: input.value });
    say(said, verdict.status, verdict.message);
  };
  check.addEventListener('click', decide);
  input.addEventListener('keydown', event => { if (event.key === 'Enter') decide(); });
  solve.addEventListener('click', () => {
    remember(question.id, { status: 'shown' });
    say(said, 'shown', question.solution);
  });
  const buttons = make('div', { className: 'buttons' }, check);
  let taken = 0;
  if (question.hints.length) {
    const hint = make('button', { type: 'button', textContent: 'A hint' });
    hint.addEventListener('click', () => {
      taken = Math.min(taken + 1, question.hints.length);
      remember(question.id, { hints: taken });
      said.replaceChildren(...question.hints.slice(0, taken).map((text, i) =>
        make('p', { className: 'note', textContent: `Hint ${i + 1} of ${question.hints.length}: ${text}` })));
      hint.disabled = taken === question.hints.length;
    });
    buttons.append(hint);
  }
  buttons.append(solve);
  place.replaceChildren(make('div', { className: 'text-answer' }, label), buttons, said);
};

document.querySelectorAll('.question').forEach(place => {
  const question = questions[place.dataset.id];
  const said = make('div', { role: 'status' });
  if (question?.kind === 'choice') askChoice(question, place, said);
  if (question?.kind === 'number' || question?.kind === 'order') askText(question, place, said);
});

const tellProgress = place => {
  const all = Object.keys(questions).map(id => progress().questions[id] ?? {});
  const tried = facts => 'first' in facts || ['right', 'wrong'].includes(facts.status);
  const lookedUp = facts => facts.shown || facts.status === 'shown';
  const count = test => all.filter(test).length;
  place.textContent = `In this browser: ${count(tried)} of ${all.length} tried, `
    + `${count(facts => facts.status === 'right')} right, ${count(lookedUp)} looked up, `
    + `${count(facts => !tried(facts) && !lookedUp(facts))} open.`;
};
document.querySelectorAll('.progress').forEach(tellProgress);

// --- Sources at hand -----------------------------------------------------------------------------

const sources = dataOf('sources') ?? {};
const card = make('div', { id: 'source', role: 'tooltip', hidden: true });
document.body.append(card);
const open = link => {
  const rows = sources[link.dataset.source] ?? [];
  card.replaceChildren(...rows.map(text => make('p', { textContent: text })));
  card.hidden = !rows.length;
  const { left, bottom } = link.getBoundingClientRect();
  card.style.left = `${Math.max(8, Math.min(left, innerWidth - card.offsetWidth - 8)) + scrollX}px`;
  card.style.top = `${bottom + scrollY + 4}px`;
  link.setAttribute('aria-describedby', 'source');
};
const close = () => { card.hidden = true; };
document.querySelectorAll('a[data-source]').forEach(link => {
  link.addEventListener('pointerenter', () => open(link));
  link.addEventListener('focus', () => open(link));
  link.addEventListener('pointerleave', close);
  link.addEventListener('blur', close);
  link.addEventListener('click', event => { // the first tap shows, the second one follows
    if (matchMedia('(hover: none)').matches && card.hidden) { event.preventDefault(); open(link); }
  });
});
document.addEventListener('keydown', event => { if (event.key === 'Escape') close(); });
