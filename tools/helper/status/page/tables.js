// Tables that change in place, so that focus and selection survive each update.
"use strict";

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setClass(element, name, on) {
  if (element.classList.contains(name) !== on) element.classList.toggle(name, on);
}

function make(tag, className, parent) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (parent) parent.append(element);
  return element;
}

// columns: [{label, className, show(cell, item)}]; keyOf(item) names the row of an item.
class LiveTable {
  constructor(body, columns, keyOf) {
    this.body = body;
    this.columns = columns;
    this.keyOf = keyOf;
    this.rows = new Map();
  }

  update(items, showRow) {
    const rows = new Map();
    items.forEach((item, index) => {
      let key = this.keyOf(item);
      while (rows.has(key)) key += "+";
      const row = this.rows.get(key) || this.makeRow();
      rows.set(key, row);
      this.columns.forEach((column, at) => column.show(row.cells[at], item));
      if (showRow) showRow(row, item);
      if (this.body.children[index] !== row) this.body.insertBefore(row, this.body.children[index] || null);
    });
    for (const [key, row] of this.rows) {
      if (rows.get(key) !== row) row.remove();
    }
    this.rows = rows;
    const empty = this.body.closest("section")?.querySelector(".empty");
    if (empty) empty.hidden = items.length > 0;
    this.body.parentElement.hidden = items.length === 0;
  }

  makeRow() {
    const row = make("tr");
    for (const column of this.columns) {
      const cell = make("td", column.className || "", row);
      cell.dataset.label = column.label;
    }
    return row;
  }
}

// A column of plain text.
function text(label, value, className) {
  return {label, className, show: (cell, item) => setText(cell, value(item))};
}

function number(label, value) {
  return text(label, item => value(item).toLocaleString("en"), "number");
}

function clock(label) {
  return text(label, item => new Date(item.time).toLocaleTimeString("en-GB"), "clock");
}

function shortName(name) {
  return name.length > 1 && name.endsWith(".") ? name.slice(0, -1) : name;
}

// A number and its unit do not part at the end of a line: \u00a0.

function percent(share) {
  return (100 * share).toFixed(1) + "\u00a0%";
}

function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  if (value >= 1000) return Number((value / 1000).toFixed(1)) + "\u00a0s";
  return Number(value.toFixed(value < 10 ? 2 : 0)) + "\u00a0ms";
}

function duration(seconds) {
  if (seconds < 120) return Math.round(seconds) + "\u00a0s";
  if (seconds < 7200) return Math.round(seconds / 60) + "\u00a0min";
  if (seconds < 172800) return Math.round(seconds / 3600) + "\u00a0h";
  return Math.round(seconds / 86400) + "\u00a0d";
}

function octets(count) {
  const prefixes = ["", "k", "M", "G", "T", "P"];
  let prefix = 0;
  for (; count >= 999.5 && prefix + 1 < prefixes.length; ++prefix) count /= 1000;
  return count.toFixed(prefix > 0 && count < 99.95 ? 1 : 0) + "\u00a0" + prefixes[prefix] + "B";
}
