// Warns two minutes before a sign-in lapses; one key or click extends it. After it has lapsed, waits
// for its user to sign in again in another tab, and then makes the forms of this page good again.
//
// Other scripts say `liaise:seen` (seconds left) when the server has heard of this user, and
// `liaise:signed-out` when it no longer knows them. `liaise:signed-in` and `liaise:somebody-else`
// tell them who came back.
(() => {
  "use strict";

  const dialog = document.getElementById("idle");
  if (!dialog || !dialog.showModal) return;
  const WARN = 120;
  const LOOK_AGAIN = 5000;
  const soon = dialog.querySelector("[data-idle-soon]");
  const over = dialog.querySelector("[data-idle-over]");
  const form = dialog.querySelector("form");
  let timers = [];
  let looking = null;

  const wait = (seconds) => {
    timers.forEach(clearTimeout);
    const left = Math.max(seconds, 0) * 1000;
    timers = [
      setTimeout(() => { if (!dialog.open) dialog.showModal(); }, Math.max(left - WARN * 1000, 0)),
      setTimeout(lapsed, left),
    ];
  };

  const lapsed = () => {
    soon.hidden = true;
    over.hidden = false;
    lookForReturn();
  };

  const goOn = (seconds) => {
    clearInterval(looking);
    looking = null;
    if (dialog.open) dialog.close();
    soon.hidden = false;
    over.hidden = true;
    wait(seconds);
  };

  const useToken = (token) => {
    for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  };

  const look = async () => {
    if (!looking || document.hidden) return;
    try {
      const answer = await fetch(dialog.dataset.token, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const told = await answer.json();
      if (!looking) return;
      if (String(told.user) !== dialog.dataset.user) {
        document.dispatchEvent(new CustomEvent("liaise:somebody-else"));
        return;
      }
      useToken(told.token);
      goOn(told.seconds_left);
      document.dispatchEvent(new CustomEvent("liaise:signed-in"));
    } catch {
      // No connection: the next look may find one.
    }
  };

  const lookForReturn = () => {
    looking ||= setInterval(look, LOOK_AGAIN);
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new FormData(form), headers: { "HX-Request": "true" },
      });
      if (answer.status !== 200) throw new Error("signed out");
      dialog.close();
      wait(Number(await answer.text()));
    } catch {
      lapsed();
    }
  });

  document.addEventListener("liaise:seen", (event) => goOn(event.detail));
  document.addEventListener("liaise:token", (event) => useToken(event.detail));
  document.addEventListener("liaise:signed-out", () => {
    timers.forEach(clearTimeout);
    lapsed();
    look();
  });
  document.addEventListener("visibilitychange", look);
  window.addEventListener("focus", look);

  wait(Number(dialog.dataset.secondsLeft));
})();
