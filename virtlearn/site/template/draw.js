// Pictures on a page: which one stands at a position, and how it is drawn.
'use strict';
globalThis.virtlearn ??= {};

{
  const CONFIG = { displaylogo: false, displayModeBar: false, responsive: false };

  const unpack = async text => {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return JSON.parse(await new Response(plain).text());
  };

  // A column that does not depend on a control has no axis for it, so its places are counted over the others.
  const grid = ({ controls, columns, leaves }) => {
    const sizes = controls.map(control => control.values.length);
    const placeIn = (used, at) => used.reduce((place, axis) => place * sizes[axis] + at[axis], 0);

    return at => {
      const rows = columns.map(([used, column]) => column[placeIn(used, at)]);
      const picture = { data: [], layout: {}, table: [] };
      for (const [path, table, column] of leaves) {
        const row = rows[column];
        if (row < 0) continue; // this picture has no such part
        let inside = picture;
        path.slice(0, -1).forEach((key, i) => {
          inside = inside[key] ??= typeof path[i + 1] === 'number' ? [] : {};
        });
        const value = table[row];
        // Plotly writes into the layout that it is given.
        const own = path[0] === 'layout' && Array.isArray(value) ? [...value] : value;
        inside[path.at(-1)] = own;
      }
      return picture;
    };
  };

  const dark = matchMedia('(prefers-color-scheme: dark)');

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

  const draw = async (place, { data, layout }) => {
    // A narrow page needs more rows for the legend; the rest keeps its height.
    const isNarrow = place.clientWidth < 600;
    const rows = isNarrow ? 120 : 0;
    const height = (layout.height ?? layout.template?.layout?.height ?? 420) + rows;
    const font = { ...layout.font, color: dark.matches ? '#d6d6d6' : '#3a3a3a' };
    place.style.height = `${height}px`;
    const fitted = { ...layout, ...isNarrow ? narrower(layout) : {}, font, autosize: true, width: undefined, height: undefined };
    await Plotly.react(place, data, fitted, CONFIG);
    if (isNarrow) makeRoom(place);
  };

  Object.assign(virtlearn, { unpack, grid, draw, dark });
}
