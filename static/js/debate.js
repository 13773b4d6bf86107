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
      var opener = by((stance ? stance.value : "pro") + "-to-" + slot.id.slice(7));
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
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    var swapped = event.detail.elt;
    var reply = swapped && swapped.closest && swapped.closest("article.reply");
    if (reply && swapped.classList.contains("vote")) { reply.dataset.score = swapped.dataset.score; }
    // What was posted here comes again when more of its side is shown.
    all("article.reply").forEach(function (article) {
      if (by(article.id) !== article) { article.closest("li").remove(); }
    });
    var refused = document.querySelector(".refused[role=alert]");
    if (refused && !refused.contains(document.activeElement)) { refused.focus(); }
  });

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

  function key(form) { return "draft:" + (document.body.dataset.reader || "") + ":" + form.id; }
  function fields(form) { return all("textarea, input[type=text], input[name=stance]", form); }

  // What the server sent back with its form, as after a preview, is nowhere else yet.
  function echoed(form) { return form.querySelector(".errors, .preview, #found"); }

  function keep(form) {
    var kept = {};
    var any = false;
    var all_of_it = echoed(form);
    fields(form).forEach(function (field) {
      if (field.type === "radio") {
        if (field.checked) { kept[field.name] = field.value; }
      } else if (all_of_it || field.value !== field.defaultValue) {
        kept[field.name] = field.value;
        any = any || field.value.trim() !== "";
      }
    });
    try {
      if (any) { sessionStorage.setItem(key(form), JSON.stringify(kept)); } else { forget(form); }
    } catch (full) { /* no room: the browser asks before the page is left, as ever */ }
  }

  function forget(form) { try { sessionStorage.removeItem(key(form)); } catch (off) { /* storage is off */ } }

  function restore(form) {
    var kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(key(form))); } catch (off) { /* storage is off */ }
    if (!kept || form.querySelector(".errors, .preview")) { return; }
    fields(form).forEach(function (field) {
      if (!(field.name in kept)) { return; }
      if (field.type === "radio") {
        if (!form.querySelector("[name=stance][checked]")) { field.checked = field.value === kept.stance; }
      } else {
        field.value = kept[field.name];
      }
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
        restore(form);
      }
    });
    all("[data-copy-all]", root).forEach(function (button) { button.hidden = !navigator.clipboard; });
  }

  document.addEventListener("input", function (event) {
    var field = event.target;
    if (!field.form || !("keep" in field.form.dataset)) { return; }
    keep(field.form);
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
    if ("keep" in form.dataset && !form.hasAttribute("data-hx-post")) {
      var intent = event.submitter && event.submitter.value;
      var sent = { key: key(form), after: form.id.indexOf("form-") === 0 ? newest() : 0 };
      if (intent !== "preview") {
        try { sessionStorage.setItem("sent", JSON.stringify(sent)); } catch (off) { /* as above */ }
      }
    }
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
  // is newer than all that were there), and no sooner: the answer, or the request, may have been lost on its way.
  try {
    var sent = JSON.parse(sessionStorage.getItem("sent"));
    var made = /^#reply-(\d+)$/.exec(location.hash);
    sessionStorage.removeItem("sent");
    if (sent && made && Number(made[1]) > sent.after && !document.querySelector(".refused, .errors")) {
      sessionStorage.removeItem(sent.key);
    }
  } catch (off) { /* storage is off */ }

  window.addEventListener("beforeunload", function (event) {
    var half = all("form[data-keep], form.essay-form").some(function (form) {
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

  // --- keys: off unless chosen in /display; each has a link or button that does the same

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

  var keys = {
    j: function () { go(1, ".passage[aria-label]"); },
    k: function () { go(-1, ".passage[aria-label]"); },
    o: function (here) {
      var marker = here.closest(".passage") && here.closest(".passage").querySelector(".marker");
      if (marker) { marker.click(); }
    },
    r: function (here) {
      var reply = here.closest("article.reply");
      var link = (reply || here.closest(".passage") || document).querySelector(reply ? "a.answer" : ".write > summary");
      if (link) { link.click(); }
    },
    u: function (here) {
      var reply = here.closest("article.reply");
      var up = reply && reply.closest("ol") && reply.closest("ol").closest("li");
      focus(up ? up.querySelector("article.reply") : here.closest(".passage") || document.querySelector(".quoted"));
    },
    "?": function () {
      by("keys").open = true;
      by("keys").querySelector("summary").focus();
    }
  };
  document.addEventListener("keydown", function (event) {
    var here = event.target;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && here.form && "keep" in here.form.dataset) {
      event.preventDefault();
      here.form.requestSubmit(here.form.querySelector("button.primary") || undefined);
      return;
    }
    var act = keys[event.key];
    if (!act || !("shortcuts" in document.documentElement.dataset)) { return; }
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(here.tagName)) { return; }
    event.preventDefault();
    act(here);
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
  prepare(document);
  focus(document.querySelector("main .errors, .done"));
})();
