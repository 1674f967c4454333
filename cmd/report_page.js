'use strict';
// Sorting and filtering of the tables; without this script they are plain tables.
(function () {
  function key(cell) {
    return cell.hasAttribute('data-v') ? Number(cell.getAttribute('data-v')) : cell.textContent;
  }

  function compare(a, b) {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return String(a).localeCompare(String(b), undefined, { numeric: true });
  }

  function element(name, text, parent) {
    var e = document.createElement(name);
    if (text) e.textContent = text;
    if (parent) parent.appendChild(e);
    return e;
  }

  function enhance(table) {
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    var body = table.tBodies[0];
    var rows = Array.prototype.slice.call(body.rows);
    var texts = rows.map(function (r) { return r.textContent.toLowerCase(); });
    var tools = element('div');
    var output, select;

    function sort(column, descending) {
      var keyed = rows.map(function (r, i) { return { row: r, at: i, key: key(r.cells[column]) }; });
      var part = document.createDocumentFragment();
      keyed.sort(function (a, b) {
        return (descending ? -1 : 1) * compare(a.key, b.key) || a.at - b.at;
      });
      keyed.forEach(function (k) { part.appendChild(k.row); });
      body.appendChild(part);
      heads.forEach(function (h, i) {
        if (i === column) h.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
        else h.removeAttribute('aria-sort');
      });
      if (select) select.value = column + (descending ? 'd' : 'a');
    }

    function filter(text) {
      var words = text.toLowerCase().split(/\s+/).filter(Boolean);
      var shown = 0;
      rows.forEach(function (r, i) {
        r.hidden = !words.every(function (w) { return texts[i].indexOf(w) >= 0; });
        if (!r.hidden) shown++;
      });
      output.value = shown + ' of ' + rows.length;
    }

    heads.forEach(function (h, i) {
      var button = element('button', h.textContent);
      button.type = 'button';
      button.addEventListener('click', function () {
        sort(i, h.getAttribute('aria-sort') === 'ascending');
      });
      h.replaceChildren(button);
    });
    if (!table.hasAttribute('data-filter')) return;

    tools.className = 'tools';
    var find = element('label', 'Filter', tools);
    var input = element('input', '', find);
    input.type = 'search';
    input.placeholder = 'name, zone, address';
    input.addEventListener('input', function () { filter(input.value); });
    var order = element('label', 'Sort', tools);
    order.className = 'order';
    select = element('select', '', order);
    element('option', 'as listed', select).value = '';
    heads.forEach(function (h, i) {
      element('option', h.textContent + ' \u25B2', select).value = i + 'a';
      element('option', h.textContent + ' \u25BC', select).value = i + 'd';
    });
    select.addEventListener('change', function () {
      if (select.value) sort(parseInt(select.value, 10), select.value.slice(-1) === 'd');
    });
    output = element('output', '', tools);
    table.parentNode.parentNode.insertBefore(tools, table.parentNode);
    filter('');
  }

  Array.prototype.forEach.call(document.querySelectorAll('table[data-sort]'), enhance);
})();
