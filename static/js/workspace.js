// Moves from text to text, or from pair to pair, without leaving the page.
import { showNotice } from "./notice.js";

// Shows the text or pair of another document, from its top. A screen reader announces what receives the focus.
const replaceWorkspace = (fresh, title) => {
  for (const id of ["main", "page"]) {
    document.getElementById(id).replaceWith(document.importNode(fresh.getElementById(id), true));
  }
  document.title = title;
  scrollTo(0, 0);
  document.getElementById("main").focus({ preventScroll: true });
};

// `form` is the id of the form. Back and forward call `onLeave()` before they replace the text or pair, and `onBack(fresh)`
// afterwards.
export const startWorkspace = ({ form, onLeave, onBack, words }) => {
  let address = location.pathname + location.search;
  // Back and forward: loaded again from the server.
  addEventListener("popstate", async () => {
    const wanted = location.pathname + location.search;
    if (wanted === address) return;
    const response = await fetch(wanted).catch(() => null);
    const fresh = response?.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
    if (fresh?.getElementById("page") && fresh.getElementById(form)) {
      onLeave();
      address = wanted;
      replaceWorkspace(fresh, fresh.title);
      onBack(fresh);
    } else if (response) {
      location.reload();
    } else {
      // Offline, the current text stays.
      history.pushState(null, "", address);
      showNotice(words.offline);
    }
  });
  return {
    get address() { return address; },
    show: (next) => {
      address = next.address;
      history.pushState(null, "", address);
      replaceWorkspace(next.content, next.title);
    },
  };
};
