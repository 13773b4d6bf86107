// What htmx leaves to us: where the focus goes, open and close in place, drafts, news, keys. Pages work without it.
(function () {
  "use strict";

  var reduced = matchMedia("(prefers-reduced-motion: reduce)");
  var alarmBox = by("alarm");
  var words = alarmBox.dataset;

  function by(id) { return document.getElementById(id); }
  function all(selector, within) { return Array.from((within || document).querySelectorAll(selector)); }
  function say(text) { by("say").textContent = text; }
  function alarm(text) {
    alarmBox.textContent = "";
    alarmBox.textContent = text;
  }

  function focus(element) {
    if (!element) { return; }
    if (!element.hasAttribute("tabindex") && element.tabIndex < 0) { element.tabIndex = -1; }
    element.focus();
  }
  document.addEventListener("debate:focus", function (event) {
    focus(document.querySelector(event.detail.selector));
  });

  // --- a debate opens and closes under its paragraph, a form under its reply

  function shut(trigger) {
    by(trigger.dataset.opens).replaceChildren();
    trigger.setAttribute("aria-expanded", "false");
    var open = document.querySelector('.marker[aria-expanded="true"]');
    var address = open ? "?open=" + open.dataset.opens.slice(7) : "#" + trigger.closest("section").id;
    history.replaceState(history.state, "", location.pathname + address);
    trigger.focus();
  }

  function cancel(form) {
    var slot = form.closest(".slot");
    var write = form.closest("details.write");
    forget(form);
    if (slot) {
      var stance = form.querySelector("[name=stance]:checked");
      var opener = by((stance ? stance.value + "-to-" : "reply-") + slot.id.slice(7)); // by a key it has no side yet
      slot.replaceChildren();
      focus(opener || document.querySelector('[data-hx-target="#' + slot.id + '"]'));
    } else if (write) {
      form.reset();
      write.open = false;
      write.querySelector("summary").focus();
    }
    return slot || write;
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest("a[href]")) { store("sent", null); } // what comes next is not the answer to a form
    var link = event.target.closest("[data-closes], [data-cancels], [data-unfolds], [data-copies], [data-copy-all], [data-next], [data-discards], [data-writes], a[href='#contents']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    var told = link.dataset;
    if (told.closes) {
      event.preventDefault();
      shut(document.querySelector('[data-opens="' + told.closes + '"]'));
    } else if (told.cancels) {
      if (cancel(by(told.cancels))) { event.preventDefault(); }
    } else if (told.writes) {
      var empty = by(told.writes);
      if (!empty) { return; }
      event.preventDefault();
      empty.closest("details").open = true;
      empty.querySelector("[value=" + link.closest(".side").classList[1] + "]").checked = true;
      empty.querySelector("textarea").focus();
    } else if (told.unfolds) {
      event.preventDefault();
      by(told.unfolds).querySelector(".body").classList.remove("long");
      link.parentElement.remove();
      by(told.unfolds).focus();
    } else if ("copies" in told && navigator.clipboard) {
      navigator.clipboard.writeText(link.href).then(function () { say(words.copied); });
    } else if ("copyAll" in told) {
      var texts = all("textarea", link.closest(".refused")).map(function (area) { return area.value; });
      navigator.clipboard.writeText(texts.join("\n\n")).then(function () { say(words.copied); });
    } else if ("next" in told) {
      event.preventDefault();
      go(1, ".passage:has(.marker:not(.quiet))");
    } else if ("discards" in told) {
      event.preventDefault();
      var form = link.closest("form");
      forget(form);
      form.reset();
      if (form.dataset.base) { form.elements.base.value = form.dataset.base; }
      link.parentElement.remove();
      form.querySelector("textarea").focus();
    } else if (link.hash === "#contents") {
      by("contents").open = true;
    }
  });

  // --- requests: no second post, nothing lost when one fails

  document.addEventListener("htmx:beforeRequest", function (event) {
    var trigger = event.detail.elt;
    if (trigger.dataset.opens && trigger.getAttribute("aria-expanded") === "true") {
      event.preventDefault(); // a debate that is open is closed by its marker
      shut(trigger);
      return;
    }
    if (trigger.getAttribute("aria-busy") === "true") {
      event.preventDefault(); // the second click of a double click
      return;
    }
    var side = /[?]stance=(pro|con)$/.exec(trigger.href);
    var begun = side && document.querySelector(trigger.dataset.hxTarget + " > .reply-form");
    if (begun) { // its words and its source stay, its side changes
      event.preventDefault();
      begun.querySelector("[name=stance][value=" + side[1] + "]").checked = true;
      keep(begun);
      begun.querySelector("textarea").focus();
      return;
    }
    trigger.setAttribute("aria-busy", "true");
    var button = trigger.tagName === "FORM" && trigger.querySelector("button.primary");
    if (button) {
      button.setAttribute("aria-disabled", "true"); // not disabled: that would drop the focus
      button.dataset.words = button.textContent;
      setTimeout(function () { if (button.dataset.words) { button.textContent = words.sending; } }, 300);
    }
  });

  document.addEventListener("htmx:afterRequest", function (event) {
    var trigger = event.detail.elt;
    trigger.removeAttribute("aria-busy");
    delete trigger.dataset.sending;
    all("[data-words]", trigger).forEach(function (button) {
      button.textContent = button.dataset.words;
      delete button.dataset.words;
      button.removeAttribute("aria-disabled");
    });
    if (trigger.dataset.opens && event.detail.successful) { trigger.setAttribute("aria-expanded", "true"); }
  });

  document.addEventListener("debate:posted", function (event) {
    forget(by(event.detail.form) || { id: event.detail.form });
    sent = null;
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    var swapped = event.detail.elt;
    var reply = swapped && swapped.closest && swapped.closest("article.reply");
    if (reply && swapped.classList.contains("vote")) { reply.dataset.score = swapped.dataset.score; }
    var refused = document.querySelector(".refused[role=alert]");
    if (refused && !refused.contains(document.activeElement)) { refused.focus(); }
  });

  // What was posted here, drawn, or told as news comes again when more of its side is shown. Until it has settled, htmx
  // gives what comes the attributes of what is there under its id.
  document.addEventListener("htmx:afterSettle", function () { all("article.reply").forEach(once); });

  function once(article) {
    var first = by(article.id);
    if (!article.id || !article.isConnected || first === article) { return; }
    var line = [first, article].find(function (each) { return each.classList.contains("line"); });
    if (line) { // what is beneath the other, and written there, has no other place
      line.removeAttribute("id");
      return;
    }
    var goes = article.closest("li").querySelector("form[data-keep]") ? first : article;
    var drawn = goes.closest(".drawn");
    goes.closest("li").remove();
    if (drawn && !drawn.querySelector("li")) { drawn.remove(); }
  }

  document.addEventListener("htmx:load", function (event) { prepare(event.detail.elt); });

  function unsent(event) {
    var link = event.detail.elt;
    if (event.detail.requestConfig.headers["Debate-News"]) { return; }
    if (link.href && navigator.onLine) { location.href = link.href; } else { alarm(words.unsent); }
  }
  document.addEventListener("htmx:sendError", unsent);
  document.addEventListener("htmx:timeout", unsent);
  document.addEventListener("htmx:responseError", function (event) {
    if (event.detail.xhr.status >= 500) { unsent(event); }
  });

  // --- drafts: what is typed is kept in this tab until it is posted

  function store(name, value) {
    try {
      if (value) { sessionStorage.setItem(name, JSON.stringify(value)); } else { sessionStorage.removeItem(name); }
    } catch (full) { /* no room, or storage is off: the browser asks before the page is left, as ever */ }
  }
  function stored(name) {
    try { return JSON.parse(sessionStorage.getItem(name)); } catch (off) { return null; }
  }

  function key(form) { return "draft:" + (document.body.dataset.reader || "") + ":" + form.id; }
  function fields(form) { return all("textarea, select, input[type=text], input[type=radio], input[name=base]", form); }

  // What the server sent back with its form, as after a preview, is nowhere else yet.
  function echoed(form) {
    return form.matches(".send-again") || form.querySelector(".errors, .preview") ||
      document.querySelector("main > .errors");
  }

  function keep(form) {
    var kept = {};
    var any = false;
    var all_of_it = echoed(form);
    fields(form).forEach(function (field) {
      if (field.matches("select, [type=radio], [type=hidden]")) { // beside words, none themselves
        if (field.type !== "radio" || field.checked) { kept[field.name] = field.value; }
      } else if (all_of_it || field.value !== field.defaultValue) {
        kept[field.name] = field.value;
        any = any || field.value.trim() !== "";
      }
    });
    store(key(form), any && kept);
  }

  function forget(form) { store(key(form), null); }

  // An essay can be so long that to keep it at each letter would be felt: once a second, and when the page is left.
  var behind = null;
  function catchUp() {
    if (behind) { keep(behind); }
    behind = null;
  }
  addEventListener("pagehide", catchUp);

  function restore(form) {
    var kept = stored(key(form));
    if (!kept) { return; }
    if (form.elements.base) { form.dataset.base = form.elements.base.value; }
    fields(form).forEach(function (field) {
      var was = kept[field.name];
      if (was === undefined) { return; }
      if (field.type === "radio") { field.checked = field.value === was; } else { field.value = was; }
    });
    var write = form.closest("details.write");
    if (write) { write.open = true; }
    var line = document.createElement("p");
    line.className = "hint restored";
    line.textContent = words.restored + " ";
    var discard = document.createElement("button");
    discard.type = "button";
    discard.className = "plain";
    discard.dataset.discards = "";
    discard.textContent = words.discard;
    line.append(discard);
    form.prepend(line);
  }

  function prepare(root) {
    all("form[data-keep]", root.parentNode || root).forEach(function (form) {
      if (!form.dataset.ready) {
        form.dataset.ready = "yes";
        if (echoed(form)) { keep(form); } else { restore(form); }
      }
    });
    all("[data-copy-all]", root).forEach(function (button) { button.hidden = !navigator.clipboard; });
  }

  document.addEventListener("input", function (event) {
    var field = event.target;
    if (!field.form || !("keep" in field.form.dataset)) { return; }
    if (!field.form.matches(".essay-form")) {
      keep(field.form);
    } else if (!behind) {
      behind = field.form;
      setTimeout(catchUp, 1000);
    }
    var limit = Number(field.dataset.limit);
    if (!limit) { return; }
    var length = Array.from(field.value).length;
    var id = field.id + "-left";
    var line = by(id);
    if (length < limit * 0.9) {
      if (line) { line.remove(); }
      return;
    }
    if (!line) {
      line = document.createElement("span");
      line.id = id;
      line.className = "hint";
      field.after(line);
    }
    line.textContent = words.left.replace("{n}", length).replace("{limit}", limit);
    var mark = length > limit ? "over" : "near"; // told once at nine tenths and once at the limit
    if (field.dataset.told !== mark) {
      field.dataset.told = mark;
      say(line.textContent);
    }
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    form.dataset.sending = "yes";
    catchUp();
    if ("keep" in form.dataset) {
      var intent = event.submitter && event.submitter.value;
      sent = intent === "preview" ? null : {
        key: key(form),
        after: form.id.indexOf("form-") === 0 ? newest() : 0,
        essay: form.matches(".essay-form")
      };
    }
    var asPage = form.matches(".send-again, [data-keep]:not([data-hx-post])");
    store("sent", asPage && sent && Object.assign(sent, { from: location.href.split("#")[0] }));
    if (form.getAttribute("action") === "/logout") {
      try { sessionStorage.clear(); } catch (off) { /* as above */ }
    }
  });

  function newest() {
    return Math.max.apply(null, [0].concat(all("article.reply").map(function (article) {
      return Number(article.id.replace("reply-", "")) || 0;
    })));
  }

  // A form that was sent as a whole page: its draft goes once the page is there that it leads to (for a reply, one that
  // is newer than all that were there; for an essay, its page, come to from the form), and no sooner: the answer, or
  // the request, may have been lost on its way. What was refused can be sent again from where its words came back.
  var sent = stored("sent");
  store("sent", null);
  if (sent && !document.querySelector(".refused, .errors") && hasArrived()) { store(sent.key, null); }
  if (!document.querySelector(".send-again")) { sent = null; }

  function hasArrived() {
    var made = /^#reply-(\d+)$/.exec(location.hash);
    if (!sent.essay) { return made && Number(made[1]) > sent.after; }
    var came = performance.getEntriesByType("navigation")[0];
    return /^\/essays\/[^/]+$/.test(location.pathname) && !document.querySelector(".essay-form") &&
      document.referrer === sent.from && came && came.type !== "back_forward";
  }

  window.addEventListener("beforeunload", function (event) {
    var half = all("form[data-keep], form.send-again").some(function (form) {
      return !form.dataset.sending && all("textarea", form).some(function (area) {
        return area.value.trim() !== area.defaultValue.trim() || (echoed(form) && area.value.trim() !== "");
      });
    });
    if (half) { event.preventDefault(); }
  });

  // --- news: asked for less and less often, and not while nobody looks; nothing moves until it is asked to

  var wait = 20000;
  var next = 0;
  var active = Date.now();
  ["keydown", "pointerdown", "scroll"].forEach(function (kind) {
    addEventListener(kind, function () { active = Date.now(); }, { passive: true });
  });
  setInterval(function () {
    var now = Date.now();
    if (document.hidden || now < next || now - active > 300000) { return; }
    next = now + wait;
    wait = Math.min(wait * 1.5, 3600000);
    all("[data-news]").forEach(function (box) {
      window.htmx.ajax("GET", box.dataset.news, {
        source: box, target: box, swap: "outerHTML", headers: { "Debate-News": "1" }
      });
    });
  }, 5000);

  // --- from passage to passage, and Ctrl+Enter; the keys of /display are in keys.js

  function go(step, selector) {
    var passages = all(selector);
    var here = passages.findIndex(function (each) { return each.contains(document.activeElement); });
    if (here < 0) { // from where the reader is looking
      here = passages.findIndex(function (each) { return each.getBoundingClientRect().top > 24; });
      here = here < 0 ? passages.length - (step > 0 ? 1 : 0) : here - (step > 0 ? 1 : 0);
    }
    var there = passages[Math.max(0, Math.min(passages.length - 1, here + step))];
    if (there) {
      focus(there);
      there.scrollIntoView({ block: "start", behavior: reduced.matches ? "auto" : "smooth" });
    }
  }

  document.addEventListener("keydown", function (event) {
    var form = event.target.form;
    var sends = form && form.matches("[data-keep]:not(.essay-form)"); // an essay is looked at first
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && sends) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.primary") || undefined);
    }
  });

  // --- the bar at the foot of a small screen gives way while reading on

  var bar = document.querySelector(".bottom");
  var last = 0;
  if (bar) {
    addEventListener("scroll", function () {
      bar.classList.toggle("away", scrollY > last && scrollY > 200 && !bar.contains(document.activeElement));
      last = scrollY;
    }, { passive: true });
  }
  var contents = by("contents");
  if (contents && matchMedia("(min-width: 1400px)").matches) { contents.open = true; }
  window.debate = { by: by, focus: focus, go: go };
  prepare(document);
  focus(document.querySelector("main .errors, .done"));
})();
