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

// The page decides, not the system: the first background that is really painted behind an element.
function isDark(element) {
  for (let e = element; e; e = e.parentElement) {
    const [red, green, blue, alpha = 1] = getComputedStyle(e).backgroundColor.match(/[\d.]+/g).map(Number);
    if (alpha > 0.5) return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
  }
  return false;
}

// On a phone not every word has room. One that would lie on another is left out, as sentence and table hold it too;
// one that would leave the picture is moved inside.
const WORDS = '.xtitle, .x2title, .bartext, .textpoint text, .annotation-text, .heatmap-label text, .slicetext';
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
    if (taken.some(lies)) word.style.visibility = 'hidden';
    else taken.push({ from, to, top: box.top, bottom: box.bottom });
  }
};

// On a phone a title of an axis needs more lines; where two axes stand side by side, one title is below the other.
const wrapped = text => text.replaceAll('<br>', ' ').split(' ').reduce((lines, word) => {
  const longer = `${lines.at(-1) ?? ''} ${word}`.trim();
  return longer.length <= 24 ? [...lines.slice(0, -1), longer] : [...lines, word];
}, []);
const narrower = layout => {
  let above = 0;
  return Object.fromEntries(Object.entries(layout)
    .filter(([name, axis]) => name.startsWith('xaxis') && axis.title?.text)
    .map(([name, axis]) => {
      const lines = wrapped(axis.title.text);
      const text = '<br>'.repeat(above) + lines.join('<br>');
      above += lines.length;
      return [name, { ...axis, title: { ...axis.title, text } }];
    }));
};

// A page of the course gives a narrow picture ``more`` height, as its legend needs more rows there.
const heightOf = (place, layout, more = 0) =>
  (layout.height ?? layout.template?.layout?.height ?? 420) + (place.clientWidth && isNarrow(place) ? more : 0);

// The layout as it fits a place.
const fitted = (place, layout, more = 0) => ({
  ...layout,
  ...isNarrow(place) ? narrower(layout) : {},
  font: { ...layout.font, color: isDark(place) ? '#d6d6d6' : '#3a3a3a' },
  height: heightOf(place, layout, more),
  autosize: true,
});
