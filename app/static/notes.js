// Notes that cannot be lost: what is typed goes to the server within seconds and is never kept in
// this browser but in the page itself. Without this file the box is a text area with a Save button.
(() => {
  "use strict";

  const PAUSE = 2000; // after the last key
  const AT_MOST = 8000; // while somebody types on and on
  const RETRIES = [2000, 4000, 8000, 15000, 30000];
  const LONGEST = 500000; // bytes, as the server counts them
  const KEEPALIVE = 60000; // what a browser still sends for a page that is going away
  const REFUSED = new Set([403, 404, 413, 422]);
  const NO_CONNECTION = "Not saved yet: no connection. Keep this tab open; it is tried again.";
  const NO_ANSWER = "Not saved yet: Liaise does not answer. Keep this tab open; it is tried again.";
  // The same, after the button was pressed.
  const IN_VAIN = {
    [NO_CONNECTION]: "Not saved: no connection. Everything you typed is still here. Press the button again when you are back online.",
    [NO_ANSWER]: "Not saved: Liaise does not answer. Everything you typed is still here. Press the button again in a moment.",
  };
  const BACK = "Connected again. Press the button to save.";

  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
  const formToken = (form) => form.querySelector("input[name=csrf_token]")?.value || "";
  const size = (text) => new TextEncoder().encode(text).length;
  const randomName = () =>
    [...crypto.getRandomValues(new Uint8Array(10))].map((one) => one.toString(16).padStart(2, "0")).join("");

  class Status {
    constructor(form) {
      this.pill = form.querySelector("[data-notes-status]");
      this.words = this.pill?.querySelector("[data-notes-words]");
      this.said = this.pill?.querySelector("[data-notes-said]");
    }

    show(words, look = "none") {
      if (!this.pill) return;
      this.pill.hidden = false;
      this.pill.classList.remove("none", "good", "bad");
      this.pill.classList.add(look, "long");
      this.words.textContent = words;
      // Read out when something is kept or is not; that it is under way would be noise.
      if (words !== "Saving…" && this.said.textContent !== words) this.said.textContent = words;
    }
  }

  class Notes {
    constructor(box) {
      this.box = box;
      this.area = box.querySelector("textarea");
      this.form = this.area.form;
      this.notice = box.querySelector("[data-notes-notice]");
      this.status = new Status(this.form);
      this.key = box.dataset.key;
      this.revision = Number(box.dataset.revision);
      this.tab = randomName();
      this.saves = 0;
      this.failures = 0;
      this.kept = this.area.defaultValue;
      this.keptFields = this.fields();
      this.sending = null;
      this.timer = null;
      this.waitingSince = 0;
      this.other = null; // words from another tab, until it is settled which are wanted
      this.isSignedOut = false;
      this.isDone = false;
      this.isLeaving = false;
      this.isPressed = false; // the button, and in vain
      this.begin();
    }

    begin() {
      this.box.querySelector("[data-notes-no-script]").remove();
      this.box.querySelector("[data-notes-tools]").hidden = false;
      const forWhom = this.form.querySelector("[data-notes-for-whom]");
      if (forWhom) forWhom.hidden = false;
      this.tabField = this.hidden("draft_tab", this.tab);
      this.keyField = this.hidden("draft_key", this.key);
      this.revisionField = this.hidden("draft_revision", this.revision);
      this.form.addEventListener("input", () => this.typed());
      this.form.addEventListener("change", () => this.typed());
      this.form.addEventListener("submit", (event) => this.submit(event));
      document.addEventListener("visibilitychange", () => { if (document.hidden) this.leave(); });
      window.addEventListener("pagehide", () => this.leave());
      window.addEventListener("online", () => this.soon(0));
      window.addEventListener("beforeunload", (event) => {
        if (!this.isLeaving && this.isUnsaved() && (this.failures || this.isSignedOut)) event.preventDefault();
      });
      document.addEventListener("liaise:signed-in", () => this.signedIn());
      document.addEventListener("liaise:somebody-else", () => this.say("somebody-else"));
      // A browser may have put back what was typed before this page was loaded again.
      if (this.isUnsaved()) this.typed();
    }

    hidden(name, value) {
      const field = this.form.querySelector(`input[name=${name}]`) || document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      this.form.append(field);
      return field;
    }

    fields() {
      const found = {};
      for (const [name, value] of new FormData(this.form)) {
        const isOurs = ["csrf_token", "form_token", "draft_tab", "draft_key", "draft_revision", "quoted", "base_version"].includes(name);
        if (isOurs || name === this.area.name || typeof value !== "string") continue;
        (found[name] ||= []).push(value);
      }
      return JSON.stringify(found);
    }

    isUnsaved() {
      return !this.isDone && (this.area.value !== this.kept || this.fields() !== this.keptFields);
    }

    // ---- when

    typed() {
      if (this.isDone || !this.isUnsaved()) return;
      this.waitingSince ||= Date.now();
      if (this.failures) return; // the next try is set already
      this.soon(Math.min(PAUSE, Math.max(this.waitingSince + AT_MOST - Date.now(), 0)));
    }

    soon(wait) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.keep(), wait);
    }

    leave() {
      if (this.isLeaving || this.isSignedOut || !this.isUnsaved()) return;
      this.send({ isLast: true }).catch(() => {});
    }

    // ---- keeping

    async keep(more = {}) {
      while (this.sending) await this.sending.catch(() => {});
      if (this.isDone || this.isSignedOut) return;
      if (!this.isUnsaved() && !more.set_aside) {
        if (this.failures) await this.listen();
        return;
      }
      clearTimeout(this.timer);
      this.sending = this.send({ more });
      await this.sending.catch(() => {});
      this.sending = null;
      if (this.isUnsaved() && !this.failures && !this.isSignedOut && !this.isRefused) this.typed();
    }

    async send({ more = {}, isLast = false }) {
      const text = this.area.value;
      const fields = this.fields();
      this.waitingSince = 0;
      this.isRefused = false;
      this.status.show("Saving…");
      const body = new URLSearchParams({
        key: this.key, path: this.box.dataset.path, body: text, fields, as: this.box.dataset.user,
        base_version: this.box.dataset.baseVersion, revision: this.revision, tab: this.tab,
        save: ++this.saves, ...more,
      });
      const count = this.saves;
      let answer, told;
      try {
        answer = await fetch(this.box.dataset.keep, {
          method: "POST",
          body,
          headers: { Accept: "application/json", "X-CSRFToken": formToken(this.form) },
          keepalive: isLast && body.toString().length < KEEPALIVE,
          signal: AbortSignal.timeout(20000),
        });
        told = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
      } catch {
        this.failed(NO_CONNECTION);
        return;
      }
      if (answer.ok) this.wasKept(text, fields, told, count);
      else this.wasNotKept(answer.status, told);
    }

    wasKept(text, fields, told, count) {
      this.failures = 0;
      if (count === this.saves || told.revision > this.revision) this.revision = told.revision;
      this.keyField.value = this.key;
      this.revisionField.value = this.revision;
      this.kept = text;
      this.keptFields = fields;
      this.status.show(`Draft saved ${told.saved}${this.isPressed ? `. ${BACK}` : ""}`, "good");
      this.isPressed = false;
      tell("liaise:seen", told.seconds_left);
      if (this.other || this.isSettling) return;
      if (told.others) this.say("others", told.others);
      else this.clear();
    }

    wasNotKept(status, told) {
      if (status === 401) this.signedOut();
      else if (status === 409) this.clash(told);
      else if (status === 410) this.wasWritten(told);
      else if (status === 400 && told.form_token) this.signedOut();
      else if (REFUSED.has(status)) this.refused(told.sentence);
      else this.failed(NO_ANSWER);
    }

    failed(words) {
      this.waitingSince ||= Date.now();
      this.status.show(this.isPressed ? IN_VAIN[words] : words, "bad");
      this.soon(RETRIES[Math.min(this.failures++, RETRIES.length - 1)]);
    }

    refused(sentence) {
      this.isRefused = true;
      this.failures = 0;
      this.status.show("Not saved", "bad");
      this.say("sentence", sentence || "These words cannot be kept here any more. Copy them before you leave this page.");
    }

    wasWritten(told) {
      this.isDone = true;
      this.status.show("Not saved", "bad");
      const link = this.say("written", told.sentence).querySelector("a");
      link.href = told.url;
    }

    // ---- signed out, and in again

    signedOut() {
      this.isSignedOut = true;
      clearTimeout(this.timer);
      this.status.show("Not saved yet: you have been signed out.", "bad");
      this.say("signed-out");
      tell("liaise:signed-out");
    }

    signedIn() {
      if (!this.isSignedOut) return;
      this.isSignedOut = false;
      this.failures = 0;
      this.clear();
      this.keep();
    }

    // ---- other words of the same person

    clash(told) {
      this.other = told;
      const shown = this.say("clash");
      shown.querySelector("[data-when]").textContent = told.when;
      shown.querySelector("[data-theirs]").textContent = told.body;
      const on = (name, act) => shown.querySelector(`[data-act=${name}]`).addEventListener("click", act);
      on("mine", () => this.settle(this.area.value));
      on("theirs", () => this.settle(told.body, true));
      on("both", () => this.settle(`${this.area.value.trimEnd()}\n\n${told.body}`));
      // Until that is settled these words are kept beside the others, so that neither is lost.
      this.mainKey = this.key;
      this.key = `${this.mainKey.split("~")[0]}~${this.tab}`;
      this.revision = 0;
      this.keep();
    }

    async settle(words, isTheirs = false) {
      const { revision } = this.other;
      await this.keep();
      this.other = null;
      this.key = this.mainKey;
      this.revision = revision;
      if (!isTheirs) this.area.value = words;
      // Whatever stands there goes among the discarded: first theirs, and then mine if I want theirs.
      this.isSettling = isTheirs;
      await this.keep({ set_aside: "yes" });
      this.isSettling = false;
      if (this.other) return;
      if (isTheirs) {
        this.area.value = words;
        await this.keep({ set_aside: "yes" });
      }
      this.clear();
      this.area.focus();
    }

    // ---- saving for everybody

    async submit(event) {
      if (this.isReady) {
        this.isReady = false;
        return;
      }
      event.preventDefault();
      const { submitter } = event;
      if (size(this.area.value) > LONGEST) {
        const taken = Math.floor(size(this.area.value) / 1000) + 1;
        this.refused(`This text takes ${taken.toLocaleString("en-GB")} kB; the most is ${LONGEST / 1000} kB. Shorten it, or split it into two notes.`);
        return;
      }
      this.status.show("Saving…");
      while (this.sending) await this.sending.catch(() => {});
      if (!(await this.mayBeSent())) return;
      clearTimeout(this.timer);
      this.isReady = true;
      this.isLeaving = true;
      setTimeout(() => { this.isLeaving = false; }, 5000);
      this.form.requestSubmit(submitter);
    }

    // A form sent into nothing would take the page with it: ask first whether somebody listens.
    async mayBeSent() {
      try {
        const answer = await fetch(this.box.dataset.token, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10000) });
        if (answer.status === 401) this.signedOut();
        else if (!answer.ok) this.failedInVain(NO_ANSWER);
        else {
          const told = await answer.json();
          if (String(told.user) !== this.box.dataset.user) {
            this.status.show("Not saved", "bad");
            this.say("somebody-else");
          } else {
            tell("liaise:token", told.token);
            return true;
          }
        }
      } catch {
        this.failedInVain(NO_CONNECTION);
      }
      return false;
    }

    failedInVain(words) {
      this.isPressed = true;
      this.failed(words);
    }

    // Nothing is left to keep, but the button was pressed in vain: say when it is worth another try.
    async listen() {
      const answer = await fetch(this.box.dataset.token, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10000) }).catch(() => null);
      if (answer?.status === 401) this.signedOut();
      else if (answer?.ok) {
        this.failures = 0;
        this.isPressed = false;
        this.status.show(BACK);
      } else this.soon(RETRIES[Math.min(this.failures++, RETRIES.length - 1)]);
    }

    // ---- what is said below the box

    say(name, words = "") {
      const template = this.box.querySelector(`template[data-notes-say=${name}]`);
      const shown = template.content.firstElementChild.cloneNode(true);
      const place = shown.matches("[data-words]") ? shown : shown.querySelector("[data-words]");
      if (place) place.textContent = words;
      if (this.notice.dataset.said === name + words) return this.notice.firstElementChild;
      this.notice.dataset.said = name + words;
      this.notice.replaceChildren(shown);
      return shown;
    }

    clear() {
      this.notice.replaceChildren();
      delete this.notice.dataset.said;
    }
  }

  // ---- the bar below, above the keyboard of a phone

  // Only some browsers make the page smaller while their keyboard is open; the others lay it over.
  const aboveTheKeyboard = () => {
    const { visualViewport: seen } = window;
    if (!seen || !document.querySelector("[data-save-bar]")) return;
    const place = () => {
      const isZoomed = seen.scale > 1.01;
      const covered = isZoomed ? 0 : document.documentElement.clientHeight - seen.height - seen.offsetTop;
      document.documentElement.style.setProperty("--covered", `${Math.max(0, Math.round(covered))}px`);
    };
    seen.addEventListener("resize", place);
    seen.addEventListener("scroll", place);
    place();
  };
  aboveTheKeyboard();

  // ---- the toolbar

  const replace = (area, start, end, words, from, to) => {
    area.focus();
    area.setSelectionRange(start, end);
    // Old, but the only way that Ctrl+Z can take back.
    if (!document.execCommand("insertText", false, words)) area.setRangeText(words, start, end, "end");
    area.setSelectionRange(from, to);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const around = (area, mark) => {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const isMarked = value.slice(start - mark.length, start) === mark && value.slice(end, end + mark.length) === mark;
    const words = value.slice(start, end);
    if (isMarked) replace(area, start - mark.length, end + mark.length, words, start - mark.length, end - mark.length);
    else replace(area, start, end, mark + words + mark, start + mark.length, end + mark.length);
  };

  const before = (area, mark) => {
    const { value } = area;
    const start = value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const next = value.indexOf("\n", area.selectionEnd);
    const end = next < 0 ? value.length : next;
    const lines = value.slice(start, end).split("\n");
    const isMarked = lines.every((line) => line.startsWith(mark));
    const words = lines.map((line) => (isMarked ? line.slice(mark.length) : mark + line)).join("\n");
    replace(area, start, end, words, lines.length > 1 ? start : start + words.length, start + words.length);
  };

  const link = (area) => {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const words = value.slice(start, end);
    const isAddress = /^https?:\/\/\S+$/.test(words);
    const shown = isAddress ? "" : words;
    const address = isAddress ? words : "https://";
    const at = isAddress ? start + 1 : start + shown.length + 3;
    replace(area, start, end, `[${shown}](${address})`, at, isAddress ? at : at + address.length);
  };

  const TOOLS = {
    bold: (area) => around(area, "**"),
    italic: (area) => around(area, "_"),
    heading: (area) => before(area, "## "),
    list: (area) => before(area, "- "),
    quote: (area) => before(area, "> "),
    link,
  };
  const KEYS = { b: "bold", i: "italic", k: "link" };

  const preview = async (notes, button) => {
    const { area, box } = notes;
    const shown = box.querySelector("[data-notes-preview]");
    const isOn = shown.hidden;
    if (isOn) {
      try {
        const answer = await fetch(box.dataset.preview, {
          method: "POST",
          body: new URLSearchParams({ body: area.value }),
          headers: { Accept: "application/json", "X-CSRFToken": formToken(notes.form) },
        });
        if (!answer.ok) throw new Error("no preview");
        shown.innerHTML = await answer.text(); // made safe by the server
      } catch {
        shown.textContent = "The preview cannot be shown just now. Your words are as they were.";
      }
    }
    shown.hidden = !isOn;
    area.hidden = isOn;
    button.setAttribute("aria-pressed", String(isOn));
    (isOn ? shown : area).focus();
  };

  const addTools = (notes) => {
    notes.box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-notes-tool]");
      if (!button) return;
      if (button.dataset.notesTool === "preview") preview(notes, button);
      else if (!notes.area.hidden) TOOLS[button.dataset.notesTool](notes.area);
    });
    notes.area.addEventListener("keydown", (event) => {
      const tool = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && KEYS[event.key.toLowerCase()];
      if (!tool) return;
      event.preventDefault();
      event.stopPropagation(); // elsewhere Ctrl+K may mean something else
      TOOLS[tool](notes.area);
    });
  };

  // ---- making something of a sentence

  const LONGEST_QUOTE = 2000;

  const addQuoting = (notes) => {
    const bar = notes.box.querySelector("[data-notes-point]");
    if (!bar) return;
    const quoted = bar.querySelector("[data-notes-quoted]");
    const look = () => {
      if (document.activeElement !== notes.area) return;
      const words = notes.area.value.slice(notes.area.selectionStart, notes.area.selectionEnd).trim();
      quoted.value = words.slice(0, LONGEST_QUOTE);
      if (bar.hidden === (words.length > 2)) {
        bar.hidden = words.length <= 2;
        if (!bar.hidden) document.getElementById("announcer").textContent = "Press Tab to make something of the selected words.";
      }
    };
    document.addEventListener("selectionchange", look);
    notes.area.addEventListener("select", look);
    notes.area.addEventListener("keyup", look);
  };

  const quoteWhileReading = (prose) => {
    const bar = document.querySelector("[data-notes-quote-bar]");
    document.addEventListener("selectionchange", () => {
      const selection = document.getSelection();
      const words = selection.toString().trim();
      const isHere = words.length > 2 && prose.contains(selection.anchorNode) && prose.contains(selection.focusNode);
      if (!isHere && bar.contains(document.activeElement)) return;
      bar.hidden = !isHere;
      for (const link of isHere ? bar.querySelectorAll("a") : []) {
        link.href = `${prose.dataset.notesRead}?${new URLSearchParams({ kind: link.dataset.kind, text: words.slice(0, LONGEST_QUOTE) })}`;
      }
    });
  };

  for (const box of document.querySelectorAll("[data-notes]")) {
    const notes = new Notes(box);
    addTools(notes);
    addQuoting(notes);
  }
  for (const prose of document.querySelectorAll("[data-notes-read]")) quoteWhileReading(prose);
})();
