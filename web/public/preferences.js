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

  // Ask with the start for what the address will need, not after it (build/parts.ts names the files).
  var parts = ["start-" + language];
  if (/^\/work\//.test(location.pathname)) parts.push("work", "work-" + language);
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
