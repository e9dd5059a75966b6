// Takes the page anew when the service says that something has changed. Without it the page is as complete, and
// as old as its last load.
"use strict";
const live = () => document.getElementById("live");
const light = document.getElementById("light");
let isBusy = false;
let isStale = false;

// Nobody loses what they are typing.
const isTyping = () => [...document.querySelectorAll("#live input[type=text]")].some((field) => field.value !== "")
  || (document.activeElement instanceof HTMLInputElement && live().contains(document.activeElement));

async function refresh() {
  if (isBusy || document.hidden || isTyping()) { isStale = true; return; }
  isBusy = true;
  isStale = false;
  try {
    const answer = await fetch(location.pathname + "?by=itself", { credentials: "same-origin" });
    // The session is over.
    if (answer.status === 401) { location.assign("/staff/login"); return; }
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
    if (!fresh) return;
    const open = [...live().querySelectorAll("details[open]")].map((part) => part.id);
    live().replaceWith(fresh);
    for (const id of open) if (id) document.getElementById(id)?.setAttribute("open", "");
  } catch { isStale = true; } finally { isBusy = false; }
}

const stream = new EventSource("/staff/live");
stream.addEventListener("change", refresh);
stream.addEventListener("open", () => { light.className = "light on"; light.title = "live"; });
stream.addEventListener("error", () => {
  light.className = "light";
  light.title = "not live; tries again";
  if (stream.readyState === EventSource.CLOSED) refresh();
});
document.addEventListener("visibilitychange", () => { if (isStale) refresh(); });
document.addEventListener("focusout", () => { if (isStale) setTimeout(refresh, 100); });
