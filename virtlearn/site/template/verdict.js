// What an answer is worth, from the data that the library exported: the same verdict as in a notebook.
'use strict';
globalThis.virtlearn ??= {};

// Six significant digits, as Python's format "g" writes them.
virtlearn.short = x => {
  if (x === 0) return '0';
  const [digits, power] = x.toExponential(5).split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return String(Number(x.toPrecision(6)));
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${Number(digits)}e${exponent < 0 ? '-' : '+'}${size}`;
};

{
  const right = message => ({ status: 'right', message });
  const wrong = message => ({ status: 'wrong', message });
  const near = (x, y, tolerance) =>
    Math.abs(x - y) <= Math.max(tolerance * Math.max(Math.abs(x), Math.abs(y)), 1e-9);

  // Names in one text, without regard to capitals, hyphens and arrows; those of two words before their parts.
  const plainly = text => text.toLowerCase().replaceAll('->', ' ').replace(/[-_,;>→]/g, ' ').split(/\s+/).filter(Boolean).join(' ');
  const names = (known, text) => {
    const marks = known.map((name, i) => [`\u0001${i}\u0001`, name]);
    let left = ` ${plainly(text)} `;
    for (const [mark, name] of [...marks].sort((a, b) => b[1].length - a[1].length)) {
      left = left.replaceAll(` ${plainly(name)} `, ` ${mark} `);
    }
    const spelt = new Map(marks);
    return left.split(' ').filter(Boolean).map(word => spelt.get(word) ?? word);
  };

  const judge = {
    choice(question, letter) {
      const [, , feedback] = question.options.find(option => option[0] === letter);
      return letter === question.answer ? right(feedback) : wrong(feedback);
    },

    number(question, text) {
      const x = Number(text.trim().replace(/^\+/, ''));
      if (!Number.isFinite(x)) {
        const unit = question.unit || 'plain figures';
        return wrong(`'${text.trim()}' is not a number. Give the number alone, in ${unit}.`);
      }
      if (near(x, question.answer, question.tolerance)) {
        return right(`${virtlearn.short(x)} ${question.unit}`.trimEnd() + '.');
      }
      const known = question.wrong.find(([mistake]) => near(x, mistake, question.tolerance));
      if (known) return wrong(known[1]);
      const side = x > question.answer ? 'Too high.' : 'Too low.';
      return wrong(`${virtlearn.short(x)} is not it. ${side} A hint may help.`);
    },

    order(question, text) {
      const same = (a, b) => a.length === b.length && a.every((word, i) => word === b[i]);
      const given = names(question.answer, text);
      if (same(given, question.answer)) return right(given.join(', ') + '.');
      const known = question.wrong.find(([order]) => same(given, order));
      if (known) return wrong(known[1]);
      const sorted = [...question.answer].sort();
      if (!same([...given].sort(), sorted)) return wrong(`Use each of these once: ${sorted.join(', ')}.`);
      const first = given.findIndex((word, i) => word !== question.answer[i]);
      const before = first ? `Right up to place ${first}; look again at` : 'The first one is not';
      return wrong(`${before} '${given[first]}'.`);
    },
  };

  virtlearn.judge = (question, answer) => {
    const nothing = !answer || ['', '?', '...'].includes(answer.trim());
    return nothing ? { status: 'not attempted', message: question.ask } : judge[question.kind](question, answer);
  };
}
