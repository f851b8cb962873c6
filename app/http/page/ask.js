// Asks POST /v1/ask, shows the answer while it is written, then its sources and how it came about.
const $ = (selector, root = document) => root.querySelector(selector);
const form = $("#form"), input = $("#question"), send = $("#send"), stop = $("#stop");
const thread = "page-" + crypto.getRandomValues(new Uint32Array(2)).join("-");
const EXAMPLES = [
  "How much memory does the KV cache of Mistral 7B take per token?",
  "Why does RRF not need calibrated scores?",
  "Qu'est-ce que la loi de Little ?",
  "2 * 32 * 8 * 128 * 2 / 1024",
];
let running = null;

for (const example of EXAMPLES) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: example });
  button.onclick = () => { input.value = example; form.requestSubmit(); };
  $("#examples").append(button);
}

fetch("readyz").then((response) => response.json()).then((state) => {
  $("#corpus").textContent = state.documents
    ? `${state.documents} documents, ${state.chunks} chunks · ${state.llm}`
    : state.detail ?? "";
}).catch(() => { $("#corpus").textContent = "the service does not answer"; });

form.onsubmit = (event) => {
  event.preventDefault();
  const question = input.value.trim();
  // A thread that waits takes no other question; a second Enter says no.
  const no = $(".waiting button:last-child");
  if (no) no.focus();
  else if (question && !running) ask(question);
};
stop.onclick = () => running?.abort();

// A link may carry a question: /?q=…
const asked = new URLSearchParams(location.search).get("q");
if (asked) ask(asked);

function ask(question) {
  const turn = $("#turn").content.cloneNode(true).firstElementChild;
  $(".asked", turn).textContent = question;
  $("#conversation").prepend(turn);
  input.value = "";
  return follow(turn, "v1/ask", { question, thread });
}

// The yes or no that a thread waits for; what comes of it takes the place of what was shown.
function approve(turn, yes) {
  for (const part of turn.querySelectorAll(".answer, .waiting, .notes, .sources, .how table")) part.replaceChildren();
  return follow(turn, `v1/threads/${thread}/resume`, { approve: yes });
}

async function follow(turn, path, body) {
  running = new AbortController();
  send.disabled = true; stop.hidden = false;
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify(body),
      signal: running.signal,
    });
    if (!response.ok) throw new Error((await response.json()).detail);
    let complete = false;
    for await (const [name, data] of events(response.body)) {
      show(turn, name, data);
      complete ||= name === "done" || name === "error";
    }
    if (!complete) throw new Error("the answer broke off: the connection was closed");
  } catch (error) {
    fail(turn, error.name === "AbortError" ? "stopped" : error.message);
  } finally {
    running = null; send.disabled = false; stop.hidden = true; input.focus();
  }
}

// Server-sent events of a response body, as [name, data].
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = block.split("\n").map((line) => line.match(/^(\w+): ?(.*)$/)).filter(Boolean);
      const data = fields.filter(([, key]) => key === "data").map(([, , text]) => text).join("\n");
      if (data) yield [fields.find(([, key]) => key === "event")?.[2] ?? "message", JSON.parse(data)];
    }
  }
}

function show(turn, name, data) {
  const answer = $(".answer", turn);
  if (name === "token") answer.textContent += data.text;
  else if (name === "tool_call") $(".doing", turn).textContent = `${data.name}: ${Object.values(data.arguments).join(", ")}`;
  else if (name === "node") $(".doing", turn).textContent = `${data.node} · ${data.ms.toFixed(0)} ms`;
  else if (name === "retracted") answer.textContent = "";
  else if (name === "error") fail(turn, data.detail);
  else if (name === "done") finish(turn, data);
}

function finish(turn, done) {
  turn.classList.toggle("abstained", done.abstained);
  $(".doing", turn).textContent = "";
  const id = (marker) => `s${turn.parentElement.childElementCount}-${marker}`;
  const known = new Set(done.citations.map((citation) => String(citation.marker)));
  $(".answer", turn).replaceChildren(...done.answer.split(/(\[\d+\])/).map((piece) => {
    const marker = piece.match(/^\[(\d+)\]$/)?.[1];
    if (!known.has(marker)) return piece;
    return Object.assign(document.createElement("a"), { href: `#${id(marker)}`, textContent: piece });
  }));
  if (done.waiting) $(".waiting", turn).replaceChildren(
    ...done.waiting.map((call) => element("code", `${call.name} ${JSON.stringify(call.arguments)}`)),
    ...[["Yes", true], ["No", false]].map(([text, yes]) => Object.assign(element("button", text), {
      type: "button", onclick: () => { if (!running) approve(turn, yes); },
    })),
  );
  for (const item of done.degraded) $(".notes", turn).append(element("li", `${item.part}: ${item.why}`));
  const seen = new Set();
  for (const citation of done.citations) {
    const source = element("li");
    if (!seen.has(citation.marker)) source.id = id(citation.marker);
    seen.add(citation.marker);
    source.classList.toggle("unsupported", !citation.supported);
    source.append(
      element("cite", `[${citation.marker}] ${citation.uri}${citation.page ? `, page ${citation.page}` : ""}`),
      ...citation.flags.length ? [element("q", citation.claim), ` (${citation.flags.join(", ")})`] : [],
      element("blockquote", citation.quote),
    );
    $(".sources", turn).append(source);
  }
  const how = $(".how", turn);
  how.hidden = false;
  for (const { node, ms, ...detail } of done.trace) {
    const row = element("tr");
    row.append(element("td", node), Object.assign(element("td", `${ms.toFixed(0)} ms`), { className: "ms" }),
      element("td", Object.entries(detail).map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(" · ")));
    $("table", how).append(row);
  }
  $(".parts", how).textContent = Object.entries(done.parts).map(([part, what]) => `${part}: ${what}`).join(" · ");
}

function fail(turn, why) {
  $(".doing", turn).textContent = "";
  $(".notes", turn).append(Object.assign(element("li", why), { className: "error" }));
}

function element(name, text = "") {
  return Object.assign(document.createElement(name), { textContent: text });
}
