// Questions one at a time, without a word on what is right until the end: the inventory, and the predictions again.
'use strict';

{
  const data = dataOf('sittings') ?? {};
  const facts = name => progress().questions[name] ?? {};
  const note = (name, more) => {
    const all = progress();
    all.questions[name] = { ...all.questions[name], ...more };
    keep(all);
  };
  const paragraphs = lines => lines.map(textContent => make('p', { textContent }));

  // One place, one question: what is answered is kept at once, so that one may stop and go on another day.
  const oneByOne = (place, { intro, steps, said, kept, ended, result }) => {
    const end = () => { place.replaceChildren(...result()); place.querySelectorAll('.chart').forEach(redraw); };
    const ask = at => {
      const { id, ask: text, options } = steps[at];
      const name = `${place.dataset.kind}-${place.dataset.sitting}`;
      const rows = options.map(([letter, words]) => {
        const input = make('input', { type: 'radio', name, value: letter, checked: said[id] === letter });
        return make('label', { className: 'option' }, input, make('span', { textContent: `${letter}  ${words}` }));
      });
      const says = make('p', { className: 'note' });
      says.setAttribute('role', 'status');
      says.hidden = true;
      const last = at === steps.length - 1;
      const next = make('button', { type: 'button', textContent: last ? 'Finish' : 'Next' });
      next.addEventListener('click', () => {
        const chosen = place.querySelector('input:checked');
        if (!chosen) {
          says.textContent = 'Choose an answer first.';
          says.hidden = false;
          return;
        }
        said[id] = chosen.value;
        kept(id, chosen.value);
        if (last) { ended(); end(); } else ask(at + 1);
      });
      const back = make('button', { type: 'button', textContent: 'Back', disabled: at === 0 });
      back.addEventListener('click', () => ask(at - 1));
      const legend = make('legend', { tabIndex: -1, textContent: text });
      place.replaceChildren(
        ...paragraphs(intro), make('p', { textContent: `Question ${at + 1} of ${steps.length}` }),
        make('fieldset', {}, legend, ...rows), make('div', { className: 'buttons' }, next, back), says);
      if (at > 0 || place.contains(document.activeElement)) legend.focus({ preventScroll: true });
    };
    const open = steps.findIndex(({ id }) => !(id in said));
    return { end, begin: () => ask(open < 0 ? steps.length - 1 : open) };
  };

  // --- The inventory -----------------------------------------------------------------------------

  const key = (sitting, idea) => `inventory.${sitting}${idea ? `.${idea}` : ''}`;
  const byLot = names => names[crypto.getRandomValues(new Uint32Array(1))[0] % names.length];

  // A number by lot, that tells two files of one person from two persons.
  const ticket = () => [...crypto.getRandomValues(new Uint8Array(6))].map(byte => byte.toString(16).padStart(2, '0')).join('');

  // The form of this sitting: its own, else the other one than before, else one by lot.
  const formOf = (sitting, { sittings, forms }) => {
    const names = Object.keys(forms);
    const own = facts(key(sitting)).form;
    if (names.includes(own)) return own;
    const earlier = sittings.slice(0, sittings.indexOf(sitting)).reverse();
    const taken = earlier.map(one => facts(key(one)).form).find(form => names.includes(form));
    return taken ? names.find(name => name !== taken) : byLot(names);
  };

  const answersOf = (sitting, ideas) => Object.fromEntries(ideas
    .map(({ id }) => [id, facts(key(sitting, id)).letter])
    .filter(([, letter]) => letter !== undefined));

  const count = (sitting, ends) => {
    const asked = ends.filter(end => end !== 'not asked').length;
    const number = what => ends.filter(end => end === what).length;
    const unknown = number('I do not know');
    const aside = unknown ? `, ${unknown} times 'I do not know'` : '';
    const name = sitting[0].toUpperCase() + sitting.slice(1);
    return `${name}: ${number('right')} of ${asked} ideas right${aside}.`;
  };

  const whatChanged = ({ ideas, misconceptions, picture }, answers) => {
    const sittings = Object.keys(answers);
    const explains = sittings.at(-1) !== 'before'; // before the course nothing is given away
    const ended = ideas.map(({ id, ends }) => sittings.map(one => ends[answers[one][id]] ?? 'not asked'));
    const isRight = ends => ends.at(-1) === 'right';
    const lessons = [...new Set(ideas.filter((_, i) => !isRight(ended[i])).map(({ lesson }) => lesson))].sort();
    const counted = sittings.map((one, column) => count(one, ended.map(ends => ends[column]))).join(' ');
    const where = `lesson${lessons.length > 1 ? 's' : ''} ${lessons.join(', ')}`;
    const rest = !lessons.length ? 'There is nothing that you need to read again.'
      : explains ? `To read again: ${where}.` : `What is right is not said yet. Look out for it in ${where}.`;
    const isSo = ({ id, means, says }) => {
      const wrong = misconceptions[means[answers[sittings.at(-1)][id]]];
      return wrong ? `You said, in effect: ${wrong[0]} But: ${wrong[1]}` : says;
    };
    const head = ['idea', ...sittings, 'lesson', ...explains ? ['what is so'] : []];
    const rows = ideas.map((idea, i) => [idea.title, ...ended[i], idea.lesson, ...explains ? [isSo(idea)] : []]);

    const titles = ideas.map(({ title }) => title);
    const traces = picture.data.map(trace => {
      const places = ended.flatMap((ends, row) => ends.map((end, column) => [end, row, column]))
        .filter(([end]) => trace.name.endsWith(` ${end}`));
      return { ...trace, x: places.map(([, , column]) => column), y: places.map(([, row]) => titles[row]), text: places.map(() => trace.text[0]) };
    }).filter(({ x }) => x.length);
    const again = ideas.filter((_, i) => !isRight(ended[i]));
    const columns = [...sittings, ...again.length ? ['read'] : []];
    const layout = {
      ...picture.layout,
      annotations: again.map(({ title, lesson }) => ({ x: sittings.length, y: title, text: `lesson ${lesson}`, showarrow: false })),
      xaxis: { ...picture.layout.xaxis, tickvals: columns.map((_, i) => i), ticktext: columns, range: [-0.6, columns.length - 0.4] },
    };
    const sentence = `${counted} ${rest}`;
    const chart = make('div', { className: 'chart' });
    chart.setAttribute('role', 'img');
    chart.setAttribute('aria-label', sentence);
    drawings.set(chart, () => virtlearn.draw(chart, { data: traces, layout }));
    widths.observe(chart);
    const told = make('p', { className: 'sentence', textContent: sentence });
    told.setAttribute('role', 'status');
    return [chart, told, make('div', { className: 'shown', tabIndex: 0 }, tableOf([head, ...rows]))];
  };

  const inventory = place => {
    const asked = data.inventory, { sitting } = place.dataset;
    const form = formOf(sitting, asked), said = answersOf(sitting, asked.ideas);
    const { begin, end } = oneByOne(place, {
      intro: asked.intro[sitting], steps: asked.forms[form], said,
      kept: (id, letter) => {
        if (!facts('inventory').ticket) note('inventory', { ticket: ticket() });
        note(key(sitting), { form, edition: asked.edition });
        note(key(sitting, id), { letter });
      },
      ended: () => note(key(sitting), { done: true }),
      result: () => {
        const over = asked.sittings.filter(one => one === sitting || facts(key(one)).done);
        return whatChanged(asked, Object.fromEntries(over.map(one => [one, answersOf(one, asked.ideas)])));
      },
    });
    if (facts(key(sitting)).done) end(); else begin();
  };

  // --- The predictions again ---------------------------------------------------------------------

  const predictions = place => {
    const made = Object.entries(data.predictions)
      .filter(([id, { options }]) => options.some(([letter]) => letter === facts(id).first));
    if (!made.length) {
      place.replaceChildren(...paragraphs(['You have not predicted anything yet. Lesson 00 asks for the first one.']));
      return;
    }
    const said = Object.fromEntries(made.map(([id]) => [id, facts(id).now]).filter(([, letter]) => letter));
    const result = () => {
      const right = given => made.filter(([id, { answer }]) => given(id) === answer).length;
      const counted = `Then ${right(id => facts(id).first)} of ${made.length} predictions were right, `
        + `now ${right(id => said[id])} of ${made.length}.`;
      const rows = made.map(([id, { ask, options, answer }]) => {
        const texts = new Map(options.map(([letter, text]) => [letter, `${letter}: ${text}`]));
        return [`${id} ${ask}`, texts.get(facts(id).first), texts.get(said[id]) ?? '', texts.get(answer)];
      });
      const head = ['question', 'you predicted', 'you say now', 'what came out'];
      const told = make('p', { className: 'sentence', textContent: counted });
      told.setAttribute('role', 'status');
      return [told, make('div', { className: 'shown', tabIndex: 0 }, tableOf([head, ...rows]))];
    };
    const { begin, end } = oneByOne(place, {
      intro: [`You made ${made.length} prediction${made.length > 1 ? 's' : ''}. What would you say now? `
        + 'Nothing is graded; what you said then is shown at the end.'],
      steps: made.map(([id, question]) => ({ id, ...question })), said,
      kept: (id, letter) => note(id, { now: letter }), ended: () => {}, result,
    });
    if (Object.keys(said).length === made.length) end(); else begin();
  };

  document.querySelectorAll('.one-by-one').forEach(place => ({ inventory, predictions })[place.dataset.kind](place));
}
