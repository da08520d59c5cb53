// The panel of a question: options and buttons. The kernel judges and remembers; the page shows what it says.
const PATIENCE = 8000; // milliseconds without an answer until the panel says so
const STOPPED = 'The kernel was restarted or stopped. Choose Run > Run All Above Selected Cell, then run this cell '
  + '(Shift+Enter) to answer here.';
const WAITING = 'No answer from the kernel yet. It is busy with another cell, or it was stopped; then run this cell again '
  + '(Shift+Enter).';
let count = 0; // makes the names of radio groups unique in a page

// What follows a prediction is kept under a folded heading, in the notebook itself; the answer unfolds it.
function unfold(el) {
  const heading = el.closest('.jp-Cell')?.nextElementSibling;
  heading?.querySelector('.jp-collapseHeadingButton.jp-mod-collapsed')?.click();
}

class Panel {
  constructor(model, el) {
    Object.assign(this, { model, el, channel: model.get('layout'), page: model.get('page'), id: `virtlearn-${++count}` });
    el.classList.add('virtlearn-study');
    this.keys = event => { if (event.key !== 'Escape') event.stopPropagation(); };
    el.addEventListener('keydown', this.keys);
    this.notice = make('p', { className: 'virtlearn-notice', role: 'alert', hidden: true });
    this.parts = this.page.map((part, i) => this.part(part, i));
    el.replaceChildren(this.notice, ...this.parts);
  }

  part(part, i) {
    const says = make('div', { role: 'status', tabIndex: -1 });
    says.innerHTML = part.says; // written by the kernel, escaped there
    if (part.kind === 'open') {
      const more = make('button', { type: 'button' }, part.more);
      more.onclick = () => this.send({ part: i });
      return make('fieldset', { 'aria-label': part.name }, says, ...(part.more ? [more] : []));
    }
    if (part.kind === 'step') return this.step(part, i, says);
    const legend = make('legend', {}, part.ask);
    return make('fieldset', {}, legend, ...(part.done ? [this.answered(part)] : this.choices(part, i)), says);
  }

  choices(part, i) {
    const go = make('button', { type: 'button', className: 'virtlearn-commit', disabled: true,
      title: 'Commit to the answer chosen above' }, part.button);
    const show = make('button', { type: 'button',
      title: 'See the answer without choosing one; nothing is graded' }, 'Just show me');
    let chosen = null;
    const rows = part.options.map(([letter, text]) => {
      const radio = make('input', { type: 'radio', name: `${this.id}-${i}`, value: letter });
      radio.onchange = () => { chosen = letter; go.disabled = false; };
      return make('label', {}, radio, make('span', {}, `${letter}. ${text}`));
    });
    go.onclick = () => this.send({ part: i, letter: chosen });
    show.onclick = () => this.send({ part: i });
    return [...rows, make('div', {}, go, show)];
  }

  step(part, i, says) { // one of many questions; nothing is ever switched off, so that the focus of a keyboard stays
    const legend = make('legend', { id: `${this.id}-asked` }, make('small', {}, part.place), make('br'), part.ask);
    let letter = part.chosen;
    const rows = part.options.map(([value, text]) => {
      const radio = make('input', { type: 'radio', name: `${this.id}-${i}`, value, checked: value === letter });
      radio.onchange = () => { letter = value; };
      return make('label', {}, radio, make('span', {}, value === '?' ? text : `${value}. ${text}`));
    });
    // The question is what a screen reader says of the button, on which the focus is when another question comes.
    const go = make('button', { type: 'button', className: 'virtlearn-commit', 'aria-describedby': legend.id,
      title: 'Keep this answer and go on' }, part.go);
    const back = make('button', { type: 'button',
      title: 'Go back to the question before, to change the answer' }, 'Back');
    go.onclick = () => this.send({ part: i, letter });
    back.onclick = () => this.send({ part: i, back: true });
    const intro = make('p', { className: 'virtlearn-intro' }, part.intro);
    const asked = make('fieldset', {}, legend, ...rows, make('div', {}, go, back), says);
    return make('fieldset', { role: 'presentation' }, intro, asked);
  }

  answered(part) { // the options stay readable, and say in words which one was right
    return make('ul', {}, ...part.options.map(([letter, text]) => {
      const mark = part.marks[letter];
      const item = make('li', {}, `${letter}. ${text}`);
      if (mark) {
        item.setAttribute('data-mark', mark);
        item.append(make('b', {}, ` (${mark})`));
      }
      return item;
    }));
  }

  send(message) {
    this.asked = message.part;
    this.model.send(message);
    clearTimeout(this.late);
    this.late = setTimeout(() => this.warn(WAITING), PATIENCE);
  }

  warn(text) {
    this.notice.textContent = text;
    this.notice.hidden = !text;
  }

  // The answer of the kernel: parts that changed are made anew, and the one that was clicked keeps the focus.
  follow(page) {
    clearTimeout(this.late);
    this.warn('');
    page.forEach((part, i) => {
      if (JSON.stringify(part) === JSON.stringify(this.page[i])) return;
      const made = this.part(part, i);
      this.parts[i].replaceWith(made);
      this.parts[i] = made;
      if (this.asked === i) (made.querySelector('button') ?? made.querySelector('[role=status]')).focus();
      if (part.opens && part.done) unfold(this.el);
    });
    this.page = page;
    this.asked = null;
  }

  // ----- a view works while it stands in the page, and only then
  begin() {
    if (this.begun) return;
    this.begun = true;
    this.heard = message => { if (message.page) this.follow(message.page); };
    this.changed = () => {
      const live = this.channel.comm_live !== false;
      for (const part of this.parts) {
        part.disabled = !live;
        if (!live) part.querySelectorAll('input').forEach(radio => { radio.checked = false; });
      }
      clearTimeout(this.late);
      this.warn(live ? '' : STOPPED);
    };
    this.channel.on('msg:custom', this.heard);
    this.channel.on('comm_live_update', this.changed);
    this.hide();
    idle(warmLab); // while the learner reads, for the charts that follow
    if (this.page.some(part => part.opens && part.done)) unfold(this.el);
  }

  hide() {
    this.area = around(this.el, '.virtlearn-still');
    this.area?.classList.add('virtlearn-live');
  }

  end() {
    if (!this.begun) return;
    this.begun = false;
    clearTimeout(this.late);
    this.channel.off('msg:custom', this.heard);
    this.channel.off('comm_live_update', this.changed);
    if (!this.area?.querySelector('.virtlearn-study')) this.area?.classList.remove('virtlearn-live');
  }
}

function render({ model, el }) {
  const panel = new Panel(model, el);
  let looks = 200; // a view that is never put into the page is given up
  const look = () => {
    if (el.isConnected) panel.begin();
    else if (looks--) requestAnimationFrame(look);
  };
  look();
  return () => { looks = 0; panel.end(); };
}
export default { render };
