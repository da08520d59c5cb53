// Draw each figure where it stands, in the ink of the page, as wide as there is room for.
const dark = matchMedia('(prefers-color-scheme: dark)');
const draw = () => document.querySelectorAll('.chart').forEach(place => {
  const { data, layout } = JSON.parse(place.nextElementSibling.textContent);
  // A narrow page needs more rows for the legend; the rest keeps its height.
  const narrow = place.clientWidth < 600 ? 120 : 0;
  place.style.height = `${(layout.height ?? layout.template?.layout?.height ?? 420) + narrow}px`;
  const font = { ...layout.font, color: dark.matches ? '#d6d6d6' : '#3a3a3a' };
  Plotly.react(place, data, { ...layout, font, autosize: true, width: undefined, height: undefined }, { responsive: true, displayModeBar: false });
});
dark.addEventListener('change', draw);
draw();
