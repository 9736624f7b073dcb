'use strict';
// Tables that sort and filter where they stand, and give their rows as CSV. Values are compared as they are written: numbers of
// a column have the same places, so that without their marks they are whole numbers of any size.
(() => {
  const FILTER_FROM = 8;
  const words = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const count = (number, noun) => `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const value = (cell, numeric) => {
    const text = cell.textContent.trim();
    if (!numeric) return text;
    return text === '' ? null : BigInt(text.replace(/[,.]/g, ''));
  };

  // what has no value comes last, whichever way the others are sorted
  const compare = (a, b, numeric, sign) => {
    if (a === b) return 0;
    if (a === null || a === '') return 1;
    if (b === null || b === '') return -1;
    return sign * (numeric ? (a < b ? -1 : 1) : words.compare(a, b));
  };

  const enhance = (table) => {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...body.rows].map((row) => ({ row, text: searched(row) }));
    const status = element('p', { className: 'status' });
    status.setAttribute('role', 'status');
    let matching = rows.length;
    let order = '';

    const tell = () => {
      const filtered = matching !== rows.length;
      const shown = filtered ? `${matching.toLocaleString('en')} of ${count(rows.length, 'row')}` : count(rows.length, 'row');
      const totals = filtered && table.tFoot ? '; the totals are of all rows' : '';
      status.textContent = `${shown}${totals}${order}`;
      table.classList.toggle('filtered', filtered);
    };

    const sort = (at) => {
      const head = heads[at];
      const numeric = head.classList.contains('n');
      const now = head.getAttribute('aria-sort');
      const cycle = numeric ? ['descending', 'ascending'] : ['ascending', 'descending'];
      const next = cycle[cycle.indexOf(now) + 1];
      for (const other of heads) other.removeAttribute('aria-sort');
      const sorted = rows.map(({ row }) => row);
      order = '';
      if (next) {
        head.setAttribute('aria-sort', next);
        const sign = next === 'ascending' ? 1 : -1;
        const keyed = sorted.map((row) => ({ row, key: value(row.cells[at], numeric) }));
        keyed.sort((a, b) => compare(a.key, b.key, numeric, sign));
        keyed.forEach(({ row }, place) => { sorted[place] = row; });
        order = `, sorted by ${head.textContent}, ${next}`;
      }
      body.append(...sorted);
      tell();
    };

    const filter = (text) => {
      const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
      matching = 0;
      for (const { row, text: has } of rows) {
        row.hidden = !wanted.every((word) => has.includes(word));
        if (!row.hidden) matching += 1;
      }
      tell();
    };

    heads.forEach((head, at) => {
      const button = element('button', { type: 'button', textContent: head.textContent });
      button.addEventListener('click', () => sort(at));
      // on paper the style sheet shows this instead: Chromium does not say a head with a control in it again
      head.dataset.title = head.textContent;
      head.replaceChildren(button);
    });
    const tools = element('div', { className: 'tools' });
    if (rows.length >= FILTER_FROM) {
      const input = element('input', { type: 'search', autocomplete: 'off', spellcheck: false });
      input.addEventListener('input', () => filter(input.value));
      tools.append(element('label', {}, 'Filter ', input));
    }
    tools.append(status, csvButton(table, heads));
    table.closest('.table').prepend(tools);
    bars(table, heads);
    stay(table, heads);
    tell();
  };

  // The columns that name a row stay where the others are scrolled, as many of them as leave room for figures; and a shade says
  // that there is more.
  const KEYS_MAX = 4;
  const stay = (table, heads) => {
    const box = table.closest('.box');
    const frame = element('div', { className: 'frame' });
    box.replaceWith(frame);
    frame.append(box);
    const figure = heads.findIndex((head) => head.classList.contains('n'));
    const names = Math.min(figure < 0 ? 1 : figure, KEYS_MAX);
    const more = () => frame.classList.toggle('more', box.scrollWidth - box.clientWidth - box.scrollLeft > 1);
    const fit = () => {
      const room = box.clientWidth * 0.45;
      let [kept, left] = [names > 0 ? 1 : 0, 0];
      const width = (at) => heads[at].getBoundingClientRect().width;
      for (let at = 0; at + 1 < names; at += 1) {
        left += width(at);
        if (left + width(at + 1) > room) break;
        kept = at + 2;
        table.style.setProperty(`--left-${kept}`, `${left}px`);
      }
      for (let at = 1; at <= KEYS_MAX; at += 1) table.classList.toggle(`k${at}`, at === kept);
      frame.style.setProperty('--bar-width', `${box.offsetWidth - box.clientWidth - 2}px`);
      more();
    };
    box.addEventListener('scroll', more, { passive: true });
    new ResizeObserver(fit).observe(box);
    fit();
  };

  // each row as it is read, and with its figures as one would type them
  const searched = (row) => {
    const text = [...row.cells].map((cell) => cell.textContent).join('\n').toLowerCase();
    return `${text}\n${text.replaceAll(',', '')}`;
  };

  // the style sheet draws a bar as long as the percentage
  const bars = (table, heads) => {
    heads.forEach((head, at) => {
      // what became more or less is no share of anything
      if (!head.classList.contains('p') || head.dataset.name.endsWith('_change')) return;
      for (const row of table.tBodies[0].rows) {
        const share = Number(row.cells[at].textContent.replaceAll(',', ''));
        if (share > 0 && share <= 100) row.cells[at].style.setProperty('--share', share / 100);
      }
    });
  };

  const csvButton = (table, heads) => {
    const button = element('button', { type: 'button', className: 'csv', textContent: 'CSV' });
    button.setAttribute('aria-label', `Save the rows shown as CSV: ${table.caption.textContent}`);
    button.addEventListener('click', () => {
      const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
      // a spreadsheet would take these for formulas
      const guarded = (text) => (/^\s*[=+\-@]/.test(text) ? `'${text}` : text);
      const cell = (text, at) =>
        quoted(heads[at].classList.contains('n') ? text.replaceAll(',', '') : guarded(text));
      const lines = [heads.map((head) => head.dataset.name)];
      for (const row of table.tBodies[0].rows) {
        if (!row.hidden) lines.push([...row.cells].map((each, at) => cell(each.textContent, at)));
      }
      const text = lines.map((line) => `${line.join(',')}\n`).join('');
      const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
      element('a', { href: url, download: `${table.dataset.name}.csv` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    });
    return button;
  };

  document.querySelectorAll('.table table').forEach(enhance);
})();
