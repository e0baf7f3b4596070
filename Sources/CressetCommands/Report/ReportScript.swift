/// What a report does when it is touched. Without it everything can still be read.
///
/// It makes elements and sets their text; no name of a file or class is ever read as markup.
enum ReportScript {
    static let text = start + charts + tables + matrix + end

    private static let start = #"""
        "use strict";
        (() => {
        const one = (name, within = document) => within.querySelector(name);
        const all = (name, within = document) => [...within.querySelectorAll(name)];
        const make = (tag, text) => { const e = document.createElement(tag); if (text) e.textContent = text; return e; };
        const data = JSON.parse(one("#report-data").textContent);

        const root = document.documentElement, theme = one("#theme");
        const modes = [["", "◐", "as the system"], ["light", "☀", "light"], ["dark", "☾", "dark"]];
        let mode = 0;
        const setMode = (number) => {
          mode = number;
          if (modes[mode][0]) root.dataset.theme = modes[mode][0]; else delete root.dataset.theme;
          theme.textContent = modes[mode][1];
          theme.setAttribute("aria-label", "Colours: " + modes[mode][2]);
          theme.title = "Colours: " + modes[mode][2];
        };
        setMode(0);
        theme.addEventListener("click", () => setMode((mode + 1) % modes.length));

        """#

    private static let charts = #"""
        for (const figure of all(".chart[data-chart]")) {
          const chart = data.charts[figure.dataset.chart], svg = one("svg", figure), values = one(".values", figure);
          const cursor = one(".cursor", figure), silent = values.textContent;
          let index = chart.points.length - 1;
          const show = (number) => {
            index = Math.max(0, Math.min(chart.points.length - 1, number));
            cursor.setAttribute("x1", chart.places[index]);
            cursor.setAttribute("x2", chart.places[index]);
            cursor.classList.add("on");
            values.textContent = chart.points[index] + ": " +
              chart.curves.map(c => c.name + " " + (c.values[index] ?? "n/a")).join(", ");
          };
          const hide = () => { cursor.classList.remove("on"); values.textContent = silent; };
          svg.addEventListener("pointermove", event => {
            const box = svg.getBoundingClientRect();
            const place = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
            let best = 0;
            chart.places.forEach((p, i) => { if (Math.abs(p - place) < Math.abs(chart.places[best] - place)) best = i; });
            show(best);
          });
          svg.addEventListener("pointerleave", hide);
          svg.addEventListener("focus", () => { if (svg.matches(":focus-visible")) show(index); });
          svg.addEventListener("blur", hide);
          svg.addEventListener("keydown", event => {
            const step = { ArrowLeft: -1, ArrowRight: 1, Home: -1e9, End: 1e9 }[event.key];
            if (step) { show(index + step); event.preventDefault(); }
          });
        }

        """#

    private static let tables = #"""
        for (const table of all(".sortable")) {
          const heads = all("thead th", table), body = one("tbody", table);
          heads.forEach((head, column) => one("button", head).addEventListener("click", () => {
            const isText = !head.classList.contains("n") && column === 0;
            const before = head.getAttribute("aria-sort");
            const down = before ? before === "ascending" : !isText;
            heads.forEach(h => h.removeAttribute("aria-sort"));
            head.setAttribute("aria-sort", down ? "descending" : "ascending");
            const key = row => isText ? row.cells[column].textContent : parseFloat(row.cells[column].dataset.v);
            const rows = [...body.rows].sort((a, b) => isText
              ? key(a).localeCompare(key(b)) : key(a) - key(b));
            if (down) rows.reverse();
            body.append(...rows);
          }));
        }

        for (const button of all("[data-copy]")) {
          button.addEventListener("click", async () => {
            const source = one("#" + button.dataset.copy), text = source.value ?? source.textContent;
            let done = false;
            try { await navigator.clipboard.writeText(text); done = true; } catch {
              // Pages in files have no clipboard in some browsers.
              const area = make("textarea"); area.value = text; document.body.append(area); area.select();
              try { done = document.execCommand("copy"); } catch {}
              area.remove(); button.focus();
            }
            button.textContent = done ? "Copied" : "Press Ctrl+C";
            setTimeout(() => { button.textContent = "Copy"; }, 2000);
          });
        }

        """#

    private static let matrix = #"""
        const matrix = one(".matrix"), place = one("#cell");
        for (const button of all("[data-show]")) {
          button.addEventListener("click", () => {
            matrix.className = "matrix " + button.dataset.show + (matrix.classList.contains("dense") ? " dense" : "");
            for (const other of all("[data-show]")) other.setAttribute("aria-pressed", String(other === button));
          });
        }
        if (matrix && matrix.rows.length > 13) matrix.classList.add("dense");
        for (const button of all("[data-cell]")) {
          const cell = data.cells[button.dataset.cell];
          button.setAttribute("aria-expanded", "false");
          if (cell && button.closest(".matrix")) {
            button.setAttribute("aria-label", cell.count + " of " + cell.label + " taken for " + cell.answer);
          }
          button.addEventListener("click", () => {
            const isOpen = button.getAttribute("aria-expanded") === "true";
            for (const other of all("[data-cell]")) other.setAttribute("aria-expanded", "false");
            place.replaceChildren();
            if (isOpen) return;
            button.setAttribute("aria-expanded", "true");
            if (cell) show(cell); else place.append(make("p", "There was no room for these pictures in this page."));
          });
        }
        function show(cell) {
          const isRight = cell.label === cell.answer;
          place.append(make("h3", cell.label + (isRight ? ", recognised" : ", taken for " + cell.answer)));
          const list = make("ul");
          list.className = "small";
          for (const picture of cell.pictures) {
            const item = make("li");
            if (picture.thumbnail !== undefined && picture.thumbnail !== null) {
              const image = make("img");
              image.alt = "";
              image.src = "data:image/jpeg;base64," + data.thumbnails[picture.thumbnail];
              item.append(image);
            }
            item.append(make("span", picture.likely));
            const path = make("span", picture.path);
            path.className = "muted";
            item.append(path);
            list.append(item);
          }
          place.append(list);
          const more = cell.count - cell.pictures.length;
          if (more > 0) place.append(make("p", "… and " + more + " more"));
        }
        const search = one("#pair-search");
        if (search) search.addEventListener("input", () => {
          const words = search.value.toLowerCase();
          for (const row of one("#pairs").tBodies[0].rows) {
            row.hidden = !row.textContent.toLowerCase().includes(words);
          }
        });

        """#

    private static let end = "})();\n"
}
