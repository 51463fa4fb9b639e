// The size of the text is remembered for the next page; choosing it works without this module.
for (const size of document.querySelectorAll("[name=reading-size]")) {
  size.addEventListener("change", () => {
    document.cookie = `reading-size=${size.value}; path=/; max-age=31536000; samesite=lax`;
  });
}
