// Runs before the first paint, so that language and theme do not change before the eyes of the person.
// A file of its own because the Content-Security-Policy allows no inline script. Also see src/design/preferences.ts.
(function () {
  var root = document.documentElement;
  var language = null;
  var theme = null;
  try {
    language = localStorage.getItem("countersign.language");
    theme = localStorage.getItem("countersign.theme");
  } catch (error) {
    // A browser that keeps nothing shows the defaults.
  }
  if (language !== "zh" && language !== "en") language = /^zh/i.test(navigator.language) ? "zh" : "en";
  root.lang = language === "zh" ? "zh-CN" : "en";
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;

  // Ask with the start for what the address will need, not after it (build/parts.ts names the files; src/api/early.ts
  // takes the answers).
  var parts = ["start-" + language];
  var item = /^\/work\/([^/]+)$/.exec(location.pathname);
  if (item !== null) parts.push("work", "work-" + language);
  var asked = (window.countersignAsked = {});
  function ask(path) {
    asked[path] = fetch(path, {
      headers: { Accept: "application/json", "Accept-Language": language },
      credentials: "same-origin",
      redirect: "error",
    });
    asked[path].catch(function () {
      // Said where the answer is used.
    });
  }
  // An installed client is there at once and shows what the device kept: asking first would only hold it back.
  if (!(navigator.serviceWorker && navigator.serviceWorker.controller)) {
    ask("/api/session");
    if (item !== null) ask("/api/work-items/" + item[1]);
    else if (location.pathname === "/") ask("/api/worklist");
  }
  parts.forEach(function (name) {
    var named = document.querySelector('meta[name="parts-' + name + '"]');
    if (named === null) return;
    named.content.split(" ").forEach(function (file) {
      var link = document.createElement("link");
      link.rel = "modulepreload";
      link.href = file;
      document.head.append(link);
    });
  });
})();
