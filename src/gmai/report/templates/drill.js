for (const box of document.querySelectorAll(".drill")) {
  const [tools, table] = [box.querySelector(".tools"), box.querySelector("table")];
  const [find, level, told] = [tools.querySelector("input"), tools.querySelector("select"), tools.querySelector("output")];
  const top = { below: [], open: true };
  const trail = [top];
  const nodes = [];
  for (const row of table.tBodies[0].rows) {
    const depth = +row.dataset.depth;
    const node = { row, depth, above: trail[depth], below: [], open: false, name: row.cells[0].firstChild.textContent };
    trail[depth + 1] = node;
    node.above.below.push(node);
    nodes.push(node);
    if (row.hasAttribute("data-opens")) {
      node.button = document.createElement("button");
      node.button.type = "button";
      node.button.append(...row.cells[0].childNodes);
      row.cells[0].append(node.button);
      node.button.addEventListener("click", () => { node.open = !node.open; show(); });
    }
  }
  const show = () => {
    const wanted = find.value.trim().toLowerCase();
    let hits = 0;
    if (wanted) {
      nodes.forEach((node) => (node.kept = false));
      for (const node of nodes)
        if (node.name.toLowerCase().includes(wanted)) {
          hits += 1;
          for (let up = node; up.row; up = up.above) up.kept = true;
        }
    }
    for (const node of nodes) {
      node.shown = wanted ? node.kept : node.above.open && (!node.above.row || node.above.shown);
      node.row.hidden = !node.shown;
      node.button?.setAttribute("aria-expanded", String(wanted ? node.below.some((child) => child.kept) : node.open));
    }
    told.textContent = wanted ? `${hits} found` : "";
  };
  const openTo = (depth) => { nodes.forEach((node) => (node.open = node.depth < depth)); show(); };
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") === "descending" || (column === 0 && !head.hasAttribute("aria-sort"));
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const value = (node) => { const cell = node.row.cells[column].dataset.sort; return cell === undefined ? -1 : +cell; };
      const order = (a, b) => (column ? value(a) - value(b) : a.name.localeCompare(b.name)) * (up ? 1 : -1);
      const rows = [];
      const walk = (node) => { node.below.sort(order); for (const child of node.below) { rows.push(child.row); walk(child); } };
      walk(top);
      table.tBodies[0].append(...rows);
    });
  });
  find.addEventListener("input", show);
  level.addEventListener("change", () => { find.value = ""; openTo(+level.value); });
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.hidden = false;
  openTo(+level.value);
}
