// Two charts of the last five minutes.
"use strict";

function color(variable) {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}

// A second between two without a value would have no line.
function isolated(plot, series) {
  const values = plot.data[series];
  const has = index => (values[index] ?? null) !== null;
  return values.map((value, index) => index).filter(index => has(index) && !has(index - 1) && !has(index + 1));
}

// lines: [{label, color: "--accent", swatch: "line-accent", fill}]; format(value) for axis and legend.
class Chart {
  constructor(holder, legend, lines, format, leastTop) {
    this.holder = holder;
    this.lines = lines;
    this.format = format;
    this.values = lines.map(line => {
      const entry = make("span", "", legend);
      make("i", line.swatch, entry);
      entry.append(line.label + " ");
      return make("span", "", entry);
    });
    const axis = {stroke: () => color("--muted"), grid: {stroke: () => color("--line"), width: 1}, ticks: {show: false}};
    this.plot = new uPlot({
      ...this.size(),
      padding: [8, 8, 0, 0],
      legend: {show: false},
      cursor: {y: false, drag: {x: false, y: false}, sync: {key: "time"}},
      scales: {y: {range: (plot, low, high) => [0, Math.max(high || 0, leastTop) * 1.1]}},
      axes: [
        {...axis, space: 70, size: 28, values: (plot, times) => times.map(t => new Date(1000 * t).toLocaleTimeString("en-GB").slice(0, 5))},
        {...axis, size: 62, space: 36, values: (plot, values) => values.map(format)},
      ],
      series: [{}, ...lines.map(line => ({
        stroke: () => color(line.color),
        fill: line.fill ? () => color(line.color) + "22" : undefined,
        width: line.fill ? 2 : 1.5,
        points: {show: true, size: 4, filter: isolated},
      }))],
      hooks: {setCursor: [() => this.showValues()]},
    }, [[], ...lines.map(() => [])], holder);
    holder.tabIndex = 0;
    holder.setAttribute("role", "img");
    holder.addEventListener("keydown", event => this.onKey(event));
    holder.addEventListener("blur", () => this.plot.setCursor({left: -10, top: -10}));
    new ResizeObserver(() => this.plot.setSize(this.size())).observe(holder);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.plot.redraw(false));
  }

  size() {
    return {width: Math.max(this.holder.clientWidth, 100), height: this.holder.clientHeight};
  }

  // The arrow keys move the cursor, as the mouse does.
  onKey(event) {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    const times = this.plot.data[0];
    if (!step || times.length === 0) return;
    event.preventDefault();
    const at = this.plot.cursor.idx ?? times.length;
    const index = Math.min(Math.max(at + step, 0), times.length - 1);
    this.plot.setCursor({left: this.plot.valToPos(times[index], "x"), top: 10});
  }

  update(times, columns) {
    this.plot.setData([times, ...columns]);
    this.showValues();
  }

  // Those at the cursor, or else the latest.
  showValues() {
    const index = this.plot.cursor.idx ?? this.plot.data[0].length - 1;
    const shown = this.lines.map((line, at) => this.format(this.plot.data[at + 1][index] ?? null));
    this.values.forEach((value, at) => setText(value, shown[at]));
    const label = this.lines.map((line, at) => line.label + " " + shown[at]).join(", ");
    this.holder.setAttribute("aria-label", label + "; arrow keys show earlier seconds");
  }
}
