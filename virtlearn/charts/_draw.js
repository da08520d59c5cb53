// How a figure gets onto a page, in a notebook and on the course's pages alike: in the page's own ink, as wide as its
// place, and on a phone with words that do not lie on each other.
function make(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  // Keys belong to what has the focus, not to a notebook's own shortcuts. Notebook 7 looks at no parent.
  if (/^(input|button|select|summary)$/.test(tag)) e.setAttribute('data-lm-suppress-shortcuts', 'true');
  for (const [name, value] of Object.entries(attributes)) {
    if (name in e && name !== 'list') e[name] = value; else e.setAttribute(name, value);
  }
  e.append(...children);
  return e;
}

const idle = globalThis.requestIdleCallback ?? (work => setTimeout(work, 30)); // Safari has none
const isNarrow = place => place.clientWidth < 600;
const isTight = place => place.clientWidth < 800;

// The page decides, not the system: the first background that is really painted behind an element.
function isDark(element) {
  for (let e = element; e; e = e.parentElement) {
    const [red, green, blue, alpha = 1] = getComputedStyle(e).backgroundColor.match(/[\d.]+/g).map(Number);
    if (alpha > 0.5) return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
  }
  return false;
}

// Beside a sidebar, or on a phone, not every word has room. One that would lie on another is left out, as sentence and
// table hold it too; one that would leave the picture is moved inside.
const TICKS = '.xtick text, .x2tick text, .x3tick text, .ytick text';
const WORDS = `${TICKS}, .xtitle, .x2title, .bartext, .textpoint text, .annotation-text, .heatmap-label text, .slicetext`;
const makeRoom = place => {
  const { left, right } = place.getBoundingClientRect();
  const taken = [];
  for (const word of place.querySelectorAll(WORDS)) {
    const wide = word.getBoundingClientRect().width / (right - left);
    if (wide > 1) word.style.fontSize = `${parseFloat(getComputedStyle(word).fontSize) / wide - 0.2}px`;
    const box = word.getBoundingClientRect();
    const shift = Math.max(left - box.left, 0) - Math.max(box.right - right, 0);
    if (shift) [word, ...word.querySelectorAll('tspan')].forEach(line => line.setAttribute('dx', shift));
    const [from, to] = [box.left + shift + 1, box.right + shift - 1];
    const lies = other => from < other.to && other.from < to && box.top < other.bottom - 1 && other.top < box.bottom - 1;
    if (taken.some(lies)) (word.closest('.annotation') ?? word).style.visibility = 'hidden'; // with what is behind it
    else taken.push({ from, to, top: box.top, bottom: box.bottom });
  }
};

// On a phone a text needs more lines, counted without its tags.
const lengthOf = text => text.replace(/<[^>]*>/g, '').length;
const wrapped = (text, most) => text.split(/ (?![^<]*>)/).reduce((lines, word) => {
  const longer = `${lines.at(-1) ?? ''} ${word}`.trim();
  return lengthOf(longer) <= most ? [...lines.slice(0, -1), longer] : [...lines, word];
}, []);
const onOneLine = text => text.replaceAll('<br>', ' ');

// A panel at the right that has an axis of its own, by the names of both axes.
const panelBeside = layout => Object.entries(layout)
  .filter(([name, axis]) => /^xaxis\d/.test(name) && axis?.domain?.[0] > 0.6 && axis.domain[1] === 1 && /^y\d/.test(axis.anchor))
  .map(([name, axis]) => [name, `yaxis${axis.anchor.slice(1)}`])[0];

// On a phone that panel stands below the first.
const LOW = 0.3, HIGH = 0.5; // where the one ends and the other begins, of the height
const below = layout => {
  const beside = panelBeside(layout);
  if (!beside) return {};
  const [begin] = layout[beside[0]].domain, right = beside[0].replace('axis', '');
  const axes = Object.entries(layout).filter(([name]) => /^[xy]axis/.test(name));
  const wide = Math.max(...axes.filter(([name]) => name[0] === 'x' && name !== beside[0]).map(([, axis]) => axis.domain?.[1] ?? 1));
  const moves = isRight => ({
    x: at => isRight ? (at - begin) / (1 - begin) : at / wide,
    y: at => isRight ? LOW * at : HIGH + (1 - HIGH) * at,
  });
  const moved = mark => {
    const move = moves(mark.xref === 'paper' ? (mark.x ?? mark.x0) >= begin : mark.xref === right);
    const places = ['x', 'x0', 'x1', 'y', 'y0', 'y1'].filter(name => name in mark && mark[`${name[0]}ref`] === 'paper');
    return { ...mark, ...Object.fromEntries(places.map(name => [name, move[name[0]](mark[name])])) };
  };
  return {
    ...Object.fromEntries(axes.map(([name, axis]) =>
      [name, { ...axis, domain: (axis.domain ?? [0, 1]).map(moves(beside.includes(name))[name[0]]) }])),
    annotations: layout.annotations?.map(moved) ?? [],
    shapes: layout.shapes?.map(moved) ?? [],
  };
};

// Titles of axes need more lines; where two axes stand side by side, one title is below the other.
const narrower = layout => {
  let above = 0;
  return Object.fromEntries(Object.entries(layout)
    .filter(([name, axis]) => name.startsWith('xaxis') && (axis.title?.text || axis.side === 'top'))
    .map(([name, axis]) => {
      if (axis.side === 'top') return [name, { ...axis, tickangle: -90, ticktext: axis.ticktext?.map(onOneLine) }];
      const lines = wrapped(onOneLine(axis.title.text), 24);
      const text = '<br>'.repeat(above) + lines.join('<br>');
      if (!panelBeside(layout)) above += lines.length;
      return [name, { ...axis, title: { ...axis.title, text } }];
    }));
};

// Long notes, and those of columns. In lanes each phase has a line of its own, and none stands in its block.
const lined = (layout, letters) => {
  const { lanes: tall = false, columns = 1 } = layout.meta ?? {};
  return layout.annotations?.filter(note => !(tall && note.bgcolor)).map(note => {
    const lines = (tall ? note.text.replace(/ {3}(<br>)?/g, '<br>') : note.text).split('<br>');
    if (columns === 1 || lines.length === 1) return { ...note, text: lines.flatMap(line => wrapped(line, letters)).join('<br>') };
    const text = lines.flatMap(line => wrapped(line, letters / columns)).join('<br>');
    return { ...note, text, font: { ...note.font, size: 10 } };
  });
};

const TITLE_LINE = 19, TURNED = 80; // pixels: one more line, and labels that are turned upright
const LONGEST = 75; // letters of a title
const titleLetters = place => Math.max(12, Math.floor((place.clientWidth - 14) / 9)); // what is hidden has no width
// The same for all titles: the picture must not jump when a slider brings another.
const titleRoom = place => TITLE_LINE * (Math.ceil(LONGEST / titleLetters(place)) - 1);

const onPhone = (place, layout) => {
  const notes = lined(layout, Math.floor(place.clientWidth / 8));
  const set = { ...layout, ...notes && { annotations: notes }, ...narrower(layout) };
  const lines = wrapped(layout.title?.text ?? '', titleLetters(place));
  const room = titleRoom(place) + (layout.xaxis?.side === 'top' ? TURNED : 0);
  const margin = layout.margin ?? {}, top = margin.t ?? layout.template?.layout?.margin?.t ?? 50;
  return {
    ...set,
    ...below(set),
    title: { ...layout.title, text: lines.join('<br>'), y: 1, yref: 'container', yanchor: 'top', pad: { t: 14 } },
    margin: { ...margin, t: top + room },
  };
};

// A page of the course gives a narrow picture ``more`` height, as its legend needs more rows there.
const heightOf = (place, layout, more = 0) => {
  const high = layout.height ?? layout.template?.layout?.height ?? 420;
  if (!place.clientWidth || !isNarrow(place)) return high;
  const times = panelBeside(layout) ? 1.6 : layout.meta?.taller ?? 1;
  return Math.round(high * times) + titleRoom(place) + more;
};

// The layout as it fits a place.
const fitted = (place, layout, more = 0) => ({
  ...isNarrow(place) ? onPhone(place, layout) : layout,
  font: { ...layout.font, color: isDark(place) ? '#d6d6d6' : '#3a3a3a' },
  height: heightOf(place, layout, more),
  autosize: true,
});
