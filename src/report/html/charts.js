'use strict';
// How ECharts draws the page's figures. Names and figures go in as text: labels are SVG text, tooltips are elements made here.
(() => {
  const PAPER_WIDTH = document.querySelector('.wide') ? 960 : 680;
  const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle', 'emptyRect', 'emptyTriangle', 'emptyDiamond'];
  const DASHES = ['solid', [7, 3], [2, 2], [8, 3, 2, 3], [12, 3], [4, 4], [1, 3], [10, 3, 2, 3, 2, 3]];
  const NARROW = 560;
  const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

  const number = (text) => (text === null ? null : Number(text));
  const grouped = (text) => {
    const [whole, fraction] = text.split('.');
    const parted = whole.replace(/\B(?=(\d{3})+$)/g, ',');
    return fraction === undefined ? parted : `${parted}.${fraction}`;
  };
  const shown = (text, percent) => (text === null ? 'none' : grouped(text) + (percent ? ' %' : ''));
  const clipped = (text, length) => {
    const letters = [...text];
    return letters.length > length ? `${letters.slice(0, length - 1).join('')}…` : text;
  };

  const look = () => {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    return {
      text: of('--text'), muted: of('--muted'), line: of('--line'), panel: of('--panel'),
      series: [1, 2, 3, 4, 5, 6, 7, 8].map((place) => of(`--series-${place}`)),
      heat: [1, 2, 3, 4, 5].map((place) => of(`--heat-${place}`)),
    };
  };

  // rows of a name and a figure, as elements: nothing in them is read as markup
  const tip = (title, rows) => {
    const box = document.createElement('div');
    const add = (parent, name, text) => {
      const made = document.createElement(name);
      made.textContent = text;
      parent.append(made);
      return made;
    };
    add(box, 'strong', title);
    for (const [name, figure, colour] of rows) {
      const row = add(box, 'div', '');
      row.className = 'tip';
      if (colour) add(row, 'i', '').style.background = colour;
      add(row, 'span', name);
      add(row, 'b', figure);
    }
    return box;
  };

  const frame = (look) => ({
    animation: false,
    textStyle: { fontFamily: 'system-ui, sans-serif', color: look.text },
    tooltip: {
      confine: true,
      backgroundColor: look.panel, borderColor: look.line,
      textStyle: { color: look.text, fontSize: 13 },
      extraCssText: 'max-width:min(90%,26rem);white-space:normal;overflow-wrap:anywhere',
    },
  });
  const valueAxis = (look, percent, more = {}) => ({
    type: 'value',
    axisLabel: { color: look.muted, formatter: (value) => short.format(value) + (percent ? ' %' : ''), hideOverlap: true },
    splitLine: { lineStyle: { color: look.line } },
    ...(percent ? { min: ({ min }) => Math.min(0, min), max: ({ max }) => Math.max(100, max) } : {}),
    ...more,
  });
  const nameAxis = (look, data, more = {}) => ({
    type: 'category', data,
    axisLine: { lineStyle: { color: look.muted } },
    axisTick: { show: false },
    ...more,
    axisLabel: { color: look.text, hideOverlap: true, ...more.axisLabel },
  });
  const legend = (look, names, width) => {
    const rows = Math.ceil(names.reduce((sum, name) => sum + 50 + 7 * Math.min([...name].length, 24), 0) / (width - 16));
    return {
      height: 26 * rows,
      option: {
        show: names.length > 1, top: 0, left: 0, itemWidth: 30, itemHeight: 10,
        textStyle: { color: look.text }, inactiveColor: look.muted,
        formatter: (name) => clipped(name, 24), data: names,
      },
    };
  };

  const trend = (figures, look, width) => {
    const { periods, series } = figures;
    const names = series.map(({ name }) => name);
    const top = legend(look, names, width);
    const mixed = series.some(({ percent }) => percent) && series.some(({ percent }) => !percent);
    const allPercent = series.every(({ percent }) => percent);
    // what moves is the message: the axis begins below the least of the figures, not at none
    const near = { scale: true, min: undefined, max: ({ max }) => (max > 90 && max <= 100 ? 100 : undefined) };
    return {
      height: (periods.length === 1 ? 160 : 280) + top.height,
      option: {
        ...frame(look),
        legend: top.option,
        grid: { left: 4, right: 12, top: top.height + (mixed ? 30 : 14), bottom: 4, containLabel: true },
        tooltip: {
          ...frame(look).tooltip, trigger: 'axis', axisPointer: { lineStyle: { color: look.muted } },
          formatter: (points) => tip(periods[points[0].dataIndex], points.map((point) => {
            const line = series[point.seriesIndex];
            return [line.name, shown(line.values[point.dataIndex], line.percent), point.color];
          })),
        },
        xAxis: nameAxis(look, periods),
        yAxis: mixed
          ? [valueAxis(look, false), valueAxis(look, true, { ...near, splitLine: { show: false } })]
          : [valueAxis(look, allPercent, allPercent ? near : {})],
        series: series.map((line, at) => ({
          type: 'line', name: line.name, data: line.values.map(number),
          yAxisIndex: mixed && line.percent ? 1 : 0,
          color: look.series[at % look.series.length],
          symbol: SYMBOLS[at % SYMBOLS.length], symbolSize: periods.length === 1 ? 11 : 7, showSymbol: periods.length <= 40,
          lineStyle: { width: 2, type: DASHES[at % DASHES.length] },
          emphasis: { focus: 'series' },
        })),
      },
    };
  };

  const barsFrame = (figures, look, width, endWidth) => {
    const { labels, values, name, percent } = figures;
    const room = Math.round(Math.min(width * 0.36, 260));
    return {
      ...frame(look),
      grid: { left: 4, right: endWidth, top: 8, bottom: 4, containLabel: true },
      xAxis: [valueAxis(look, percent, { splitNumber: width < NARROW ? 3 : 6 })],
      yAxis: nameAxis(look, labels.map((label, at) => `${at}`), {
        inverse: true,
        axisLabel: { interval: 0, width: room, overflow: 'truncate', ellipsis: '…', formatter: (at) => labels[Number(at)] },
      }),
      tooltip: {
        ...frame(look).tooltip, trigger: 'axis', axisPointer: { type: 'shadow' },
        formatter: ([{ dataIndex }]) => tip(labels[dataIndex], [
          [name, shown(values[dataIndex], percent), look.series[0]],
          ...(figures.shares ? [['Cumulative share', shown(figures.shares[dataIndex], true), look.series[1]]] : []),
        ]),
      },
      series: [{
        type: 'bar', name, data: values.map(number), color: look.series[0], barMaxWidth: 18, barMinHeight: 1,
        label: {
          show: !figures.shares, position: 'right', color: look.text,
          formatter: ({ dataIndex }) => shown(values[dataIndex], percent),
        },
      }],
    };
  };

  const bars = (figures, look, width) => {
    const longest = Math.max(...figures.values.map((value) => shown(value, figures.percent).length));
    return { height: 44 + 24 * figures.labels.length, option: barsFrame(figures, look, width, 12 + 7 * longest) };
  };

  const pareto = (figures, look, width) => {
    const option = barsFrame(figures, look, width, 18);
    const names = [figures.name, 'Cumulative share'];
    option.legend = legend(look, names, width).option;
    option.grid.top = 34;
    option.xAxis.push(valueAxis(look, true, { min: 0, max: 100, position: 'top', splitLine: { show: false } }));
    option.series.push({
      type: 'line', name: names[1], xAxisIndex: 1, data: figures.shares.map(number),
      color: look.series[1], symbol: 'circle', symbolSize: 6, lineStyle: { width: 2 },
    });
    return { height: 90 + 22 * figures.labels.length, option };
  };

  const heat = (figures, look, width) => {
    const { rows, columns, cells, name, percent } = figures;
    const sizes = cells.map(([, , value]) => Number(value));
    const least = percent ? Math.floor(Math.min(...sizes) / 10) * 10 : Math.min(...sizes);
    const most = percent ? Math.max(100, ...sizes) : Math.max(...sizes);
    const room = Math.round(Math.min(width * 0.34, 220));
    const longest = Math.max(...cells.map(([, , value]) => short.format(Number(value)).length));
    const written = (width - room) / columns.length > 7 * longest + 8;
    return {
      height: 84 + 28 * rows.length,
      option: {
        ...frame(look),
        grid: { left: 4, right: 12, top: 4, bottom: 52, containLabel: true },
        xAxis: nameAxis(look, columns, { axisLine: { show: false } }),
        yAxis: nameAxis(look, rows, {
          inverse: true, axisLine: { show: false },
          axisLabel: { interval: 0, width: room, overflow: 'truncate', ellipsis: '…' },
        }),
        tooltip: {
          ...frame(look).tooltip, trigger: 'item',
          formatter: ({ dataIndex }) => {
            const [x, y, value] = cells[dataIndex];
            return tip(`${rows[y]}, ${columns[x]}`, [[name, shown(value, percent)]]);
          },
        },
        visualMap: {
          type: 'continuous', min: least, max: most, orient: 'horizontal', left: 'center', bottom: 0,
          itemWidth: 12, itemHeight: Math.min(180, width / 3), hoverLink: false, calculable: false,
          inRange: { color: look.heat }, textStyle: { color: look.muted },
          text: [short.format(most) + (percent ? ' %' : ''), short.format(least) + (percent ? ' %' : '')],
        },
        series: [{
          type: 'heatmap', name,
          // what is written on a cell stands out from its colour
          data: cells.map(([x, y, value]) => ({
            value: [x, y, Number(value)],
            label: { color: most > least && (Number(value) - least) / (most - least) > 0.6 ? look.panel : look.text },
          })),
          label: { show: written, fontSize: 11, formatter: ({ value }) => short.format(value[2]) },
          itemStyle: { borderColor: look.panel, borderWidth: 2 },
        }],
      },
    };
  };

  const KINDS = { trend, pareto, bars, heat };

  const charts = [...document.querySelectorAll('.chart')].map((place) => {
    const figures = JSON.parse(document.getElementById(place.dataset.figures).textContent);
    place.style.display = 'block';
    const chart = echarts.init(place, null, { renderer: 'svg' });
    let drawn = 0;
    const draw = (width) => {
      drawn = width;
      const { height, option } = KINDS[figures.kind](figures, look(), width);
      place.style.height = `${height}px`;
      chart.resize({ width, height, silent: true });
      chart.setOption(option, { notMerge: true });
      chart.getZr().flush();
    };
    const room = () => Math.floor(place.getBoundingClientRect().width);
    const fit = () => draw(room());
    new ResizeObserver(() => {
      if (room() !== drawn && !printing) requestAnimationFrame(fit);
    }).observe(place);
    return { draw, fit };
  });

  let printing = false;
  const fitAll = () => charts.forEach(({ fit }) => fit());
  fitAll();
  document.addEventListener('themechange', fitAll);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', fitAll);

  // paper is white, and as wide as it is
  let theme;
  addEventListener('beforeprint', () => {
    printing = true;
    theme = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = 'light';
    charts.forEach(({ draw }) => draw(PAPER_WIDTH));
  });
  addEventListener('afterprint', () => {
    printing = false;
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    fitAll();
  });
})();
