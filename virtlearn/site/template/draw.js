// Pictures on a page: which one stands at a position, and how it is drawn.
'use strict';
globalThis.virtlearn ??= {};

{
  const MORE = 120; // pixels
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

  const draw = async (place, { data, layout }) => {
    const here = fitted(place, layout, MORE);
    place.style.height = `${here.height}px`;
    await Plotly.react(place, data, here, CONFIG);
    if (isTight(place)) makeRoom(place);
  };

  Object.assign(virtlearn, { unpack, grid, draw, dark, CONFIG, MORE });
}
