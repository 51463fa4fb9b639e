// Folds open for a link to something within them, and on paper. Newer browsers do both without this script.
const openAround = (target) => {
  for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
};

const openForAddress = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target?.closest("details:not([open])")) return;
  openAround(target);
  target.scrollIntoView();
};

let closed = [];
addEventListener("hashchange", openForAddress);
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details.is-chapter:not([open])")];
  for (const fold of closed) fold.open = true;
});
addEventListener("afterprint", () => {
  for (const fold of closed) fold.open = false;
});
openForAddress();
