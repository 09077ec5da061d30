// Shows what /api/events tells.
"use strict";

const shownEndpoints = 200;  // for each service; the filter finds the others
const at = id => document.getElementById(id);
let latest = null;

// Actions

let token = "";

function useToken(given) {
  token = given;
  setClass(document.body, "can-act", token !== "");
  if (token) sessionStorage.setItem("token", token);
  else sessionStorage.removeItem("token");
}

let noticeEnds = 0;
function notice(line) {
  setText(at("notice"), line);
  clearTimeout(noticeEnds);
  noticeEnds = setTimeout(() => setText(at("notice"), ""), 6000);
}

async function act(action, body) {
  try {
    const reply = await fetch("/api/" + action, {
      method: "POST",
      headers: {"Authorization": "Bearer " + token, "Content-Type": "application/json"},
      body: JSON.stringify(body),
    });
    if (reply.status === 401) useToken("");
    notice(action + ": " + (await reply.text()).trim());
  } catch (error) {
    notice(action + ": the helper does not answer");
  }
}

// Tables

const listeners = new LiveTable(at("listeners"), [
  text("Address", l => l.address, "wide title"),
  text("Kind", l => l.kind),
  text("Service", l => l.service ? shortName(l.service) : "any", "wide"),
  number("Clients", l => l.clients),
  number("Accepted", l => l.accepted),
  number("Refused", l => l.refused),
], l => l.address);

const servers = new LiveTable(at("servers"), [
  text("Server", s => s.server, "wide title"),
  number("Sent", s => s.sent),
  number("Valid", s => s.valid),
  number("Timeouts", s => s.timeouts),
  number("Refused", s => s.refused),
  number("Mismatched", s => s.mismatched),
], s => s.server);

const changes = new LiveTable(at("changes"), [
  clock("Time"),
  text("Service", c => c.service ? shortName(c.service) : "–", "wide"),
  text("What", c => (c.subject + " " + c.what).trim(), "wide"),
], c => c.time + c.service + c.subject + c.what);

const attempts = new LiveTable(at("attempts"), [
  clock("Time"),
  text("Client", a => a.id),
  {label: "Endpoint", className: "wide", show(cell, a) {
    if (!cell.firstChild) cell.append(document.createTextNode(""), make("small"));
    setText(cell.firstChild, a.target);
    setText(cell.lastChild, a.address);
  }},
  text("Took", a => milliseconds(a.elapsed_ms), "number"),
  {label: "Result", className: "wide", show(cell, a) {
    setText(cell, a.error || "connected");
    setClass(cell, "bad", Boolean(a.error));
  }},
], a => a.time + a.id + a.target + a.address);

function levelOf(endpoint) {
  if (endpoint.draining) return "";
  return {up: "good", warming: "warn", trial: "warn", down: "bad"}[endpoint.health] || "";
}

function showEndpoint(cell, e) {
  if (!cell.firstChild) cell.append(document.createTextNode(""), make("small"));
  setText(cell.firstChild, shortName(e.target) + ":" + e.port);
  setText(cell.lastChild, e.addresses.slice(0, 4).join(" ") + (e.addresses.length > 4 ? " …" : ""));
}

function showHealth(cell, e) {
  if (!cell.firstChild) cell.append(make("i", "dot"), document.createTextNode(""), make("small"));
  for (const level of ["good", "warn", "bad"]) setClass(cell.firstChild, level, levelOf(e) === level);
  setText(cell.childNodes[1], e.draining ? "draining" : e.health);
  const parts = [];
  if (e.reason) parts.push(e.reason);
  if (e.health !== "up" && e.for_s !== null) parts.push("for " + duration(e.for_s));
  if (e.next_in_s !== null) parts.push((e.health === "down" ? "trial in " : "full in ") + duration(e.next_in_s));
  setText(cell.lastChild, parts.join(", "));
}

// The bar is the actual share. The mark is the expected one of all picks so far, with the shares that
// there were; the column Share is the one of now.
function showActual(cell, e) {
  if (!cell.firstChild) {
    cell.append(document.createTextNode(""));
    const meter = make("div", "meter", cell);
    meter.setAttribute("aria-hidden", "true");
    make("i", "", meter);
    make("b", "", meter);
  }
  setText(cell.firstChild, percent(e.actual_share));
  const meter = cell.lastChild;
  meter.firstChild.style.width = 100 * e.actual_share + "%";
  meter.lastChild.style.left = "calc(" + 100 * e.expected_share + "% - 1px)";
}

function showDeviation(cell, e) {
  const isUnlikely = Math.abs(e.sigma) > 3;
  const sigma = Math.abs(e.sigma).toFixed(1);
  const sign = sigma === "0.0" ? "" : e.sigma < 0 ? "−" : "+";
  setText(cell, (isUnlikely ? "⚠ " : "") + sign + sigma + "\u00a0σ");
  setClass(cell, "warn", isUnlikely);
  cell.title = "expected " + e.expected_picks + " of the picks";
}

function showError(cell, e) {
  setText(cell, e.last_error || "–");
  setClass(cell, "none", !e.last_error);
}

function showAction(cell, e, query) {
  if (!cell.firstChild) {
    const button = make("button", "", cell);
    button.type = "button";
    button.addEventListener("click", () => act(button.dataset.action, {
      service: query, target: button.dataset.target, port: Number(button.dataset.port),
    }));
  }
  const button = cell.firstChild;
  button.dataset.target = e.target;
  button.dataset.port = e.port;
  button.dataset.action = e.health === "down" ? "restore" : "eject";
  setText(button, e.health === "down" ? "Restore" : "Eject");
  button.setAttribute("aria-label", button.textContent + " " + shortName(e.target) + ":" + e.port);
}

function endpointColumns(query) {
  return [
    {label: "Endpoint", className: "wide title", show: showEndpoint},
    {label: "Health", className: "wide", show: showHealth},
    number("Tier", e => e.priority),
    number("Weight", e => e.weight),
    text("Share", e => percent(e.share), "number"),
    {label: "Actual", className: "number", show: showActual},
    {label: "Deviation", className: "number", show: showDeviation},
    number("Picks", e => e.picks),
    number("Open", e => e.in_flight),
    text("p50 / p99", e => milliseconds(e.connect_p50_ms) + " / " + milliseconds(e.connect_p99_ms), "number values"),
    text("Up / down", e => octets(e.octets_up) + " / " + octets(e.octets_down), "number values"),
    {label: "Last error", className: "wide", show: showError},
    {label: "Action", className: "act wide", show: (cell, e) => showAction(cell, e, query)},
  ];
}

// Services

class ServiceCard {
  constructor(query) {
    this.element = at("service-template").content.cloneNode(true).firstElementChild;
    this.find(".refresh").addEventListener("click", () => act("refresh", {service: query}));
    this.find(".refresh").setAttribute("aria-label", "Refresh " + shortName(query));
    setText(this.find("h3"), shortName(query));
    this.table = new LiveTable(this.find("tbody"), endpointColumns(query), e => e.priority + " " + e.target + ":" + e.port);
  }

  find(selector) {
    return this.element.querySelector(selector);
  }

  update(service, endpoints) {
    const ttl = this.find(".ttl");
    ttl.hidden = service.ttl_left_s === null;
    setText(ttl, "TTL " + service.ttl_left_s + " s");
    this.find(".stale").hidden = !service.stale;
    this.find(".problem").hidden = !service.problem;
    setText(this.find(".problem"), service.problem || "");
    for (const e of endpoints) e.expected_share = service.picks ? e.expected_picks / service.picks : e.share;
    this.table.update(endpoints.slice(0, shownEndpoints), (row, e) => setClass(row, "faint", e.draining));
    const left = endpoints.length - shownEndpoints;
    this.find(".more").hidden = left <= 0;
    setText(this.find(".more"), left + " more: use the filter to see them.");
  }
}

const cards = new Map();

function matching(service, wanted) {
  if (service.query.toLowerCase().includes(wanted)) return service.endpoints;
  return service.endpoints.filter(e =>
    (shortName(e.target) + ":" + e.port + " " + e.addresses.join(" ")).toLowerCase().includes(wanted));
}

function showServices(services) {
  const wanted = at("filter").value.trim().toLowerCase();
  const kept = new Set();
  for (const service of services) {
    const endpoints = matching(service, wanted);
    if (wanted && endpoints.length === 0) continue;
    kept.add(service.query);
    if (!cards.has(service.query)) cards.set(service.query, new ServiceCard(service.query));
    const card = cards.get(service.query);
    card.update(service, endpoints);
    const next = at("services").children[kept.size - 1] || null;
    if (card.element !== next) at("services").insertBefore(card.element, next);
  }
  for (const [query, card] of cards) {
    if (kept.has(query)) continue;
    card.element.remove();
    cards.delete(query);
  }
  at("no-services").hidden = services.length > 0;
}

// The rest

const rateChart = new Chart(at("rate-chart"), at("rate-legend"), [
  {label: "connected", color: "--accent", swatch: "line-accent", fill: true},
  {label: "failed", color: "--bad", swatch: "line-bad"},
], value => value === null ? "–" : Number(value.toFixed(1)).toLocaleString("en"), 5);
const timeChart = new Chart(at("time-chart"), at("time-legend"), [
  {label: "p50", color: "--accent", swatch: "line-accent"},
  {label: "p99", color: "--warn", swatch: "line-warn"},
], milliseconds, 1);

function showCharts(connects) {
  const count = connects.connects.length;
  const times = connects.connects.map((value, index) => connects.last_s - count + 1 + index);
  rateChart.update(times, [connects.connects, connects.failures]);
  timeChart.update(times, [connects.p50_ms, connects.p99_ms]);
}

const sum = values => values.reduce((all, value) => all + value, 0);

function showTiles(status) {
  const endpoints = status.services.flatMap(s => s.endpoints).filter(e => !e.draining);
  const recent = status.connects.connects.slice(-10);
  setText(at("tile-rate"), recent.length ? (sum(recent) / recent.length).toFixed(1) : "–");
  setText(at("tile-failures"), sum(status.connects.failures).toLocaleString("en"));
  setText(at("tile-p50"), milliseconds(status.connects.p50_ms.findLast(value => value !== null)));
  setText(at("tile-clients"), sum(status.listeners.map(l => l.clients)).toLocaleString("en"));
  setText(at("tile-connections"), sum(endpoints.map(e => e.in_flight)).toLocaleString("en"));
  setText(at("tile-endpoints"), endpoints.filter(e => e.share > 0).length + " of " + endpoints.length);
}

function showCache(cache) {
  const names = {
    entries: "Entries", hits: "Hits", stale_hits: "Stale hits", misses: "Misses", coalesced: "Coalesced",
    queries: "Queries", failures: "Failures", network_changes: "Network changes",
  };
  const list = at("cache");
  for (const [key, title] of Object.entries(names)) {
    let value = list.querySelector("dd[data-key=" + key + "]");
    if (!value) {
      const entry = make("div", "", list);
      make("dt", "", entry).textContent = title;
      value = make("dd", "", entry);
      value.dataset.key = key;
    }
    setText(value, cache[key].toLocaleString("en"));
  }
}

function showState(status) {
  const state = at("state");
  setText(state, status.draining ? "draining" : status.ready ? "ready" : "not ready: " + status.not_ready_because);
  setClass(state, "good", status.ready && !status.draining);
  setClass(state, "warn", status.draining);
  setClass(state, "bad", !status.ready && !status.draining);
  setText(at("version"), "Version " + status.version + ",");
  setText(at("uptime"), "up " + duration(status.uptime_s));
}

function show(status) {
  latest = status;
  showState(status);
  showTiles(status);
  showCharts(status.connects);
  listeners.update(status.listeners);
  showServices(status.services);
  servers.update(status.name_servers);
  showCache(status.cache);
  changes.update(status.changes);
  attempts.update(status.attempts);
}

function showLink(isLive) {
  setText(at("link"), isLive ? "live" : "no connection to the helper");
  setClass(at("link"), "good", isLive);
  setClass(at("link"), "bad", !isLive);
}

// A page that nobody sees asks for nothing.
let events = null;
function follow() {
  if (document.hidden || (events && events.readyState !== EventSource.CLOSED)) return;
  events = new EventSource("/api/events");
  events.addEventListener("status", event => {
    showLink(true);
    show(JSON.parse(event.data));
  });
  events.addEventListener("error", () => showLink(false));
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden && events) events.close();
  follow();
});
setInterval(follow, 3000);  // the browser itself does not try again after a refusal

at("filter").addEventListener("input", () => latest && showServices(latest.services));
at("token-form").addEventListener("submit", event => {
  event.preventDefault();
  useToken(at("token").value.trim());
  at("token").value = "";
});
const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given !== null) history.replaceState(null, "", location.pathname);
useToken(given || sessionStorage.getItem("token") || "");
follow();
