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
  // amounts of one chart have the same places
  const alike = (values) => {
    const most = Math.max(0, ...values.map((text) => (text?.split('.')[1] ?? '').length));
    const places = most === 1 ? 2 : most;
    return values.map((text) => {
      if (text === null || places === 0) return text;
      const [whole, fraction = ''] = text.split('.');
      return `${whole}.${fraction.padEnd(places, '0')}`;
    });
  };
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = '12px system-ui, sans-serif';
  const clipped = (text, length) => {
    const letters = [...text];
    return letters.length > length ? `${letters.slice(0, length - 1).join('')}…` : text;
  };

  let printing = false;

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

  // what moves is the message: the axis begins below the least of the percentages, not at none, and ends at 100 where they come near it
  const span = (texts) => {
    const values = texts.filter((text) => text !== null).map(Number);
    if (values.length === 0) return {};
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const end = most > 90 && most <= 100 ? 100 : most;
    const interval = [1, 2, 5, 10, 20, 25, 50].find((step) => (end - least) / step <= 5) ?? 100;
    const min = Math.floor(least / interval) * interval;
    return { min, max: Math.max(Math.ceil(end / interval) * interval, min + interval), interval };
  };

  const trend = (figures, look, width) => {
    const { periods, series } = figures;
    const names = series.map(({ name }) => name);
    const top = legend(look, names, width);
    const mixed = series.some(({ percent }) => percent) && series.some(({ percent }) => !percent);
    const allPercent = series.every(({ percent }) => percent);
    const near = span(series.filter(({ percent }) => percent).flatMap(({ values }) => values));
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

  // names stand beside the bars, or, where one is too long for that, above each; on paper a chart must fit a sheet
  const places = (labels, width) => {
    const room = Math.round(width * 0.45);
    const above = !printing && labels.some((label) => pen.measureText(label).width > room);
    return { room, above, row: above ? 40 : printing ? 18 : 24 };
  };

  const barsFrame = (figures, look, width, endWidth) => {
    const { labels, name, percent } = figures;
    const values = alike(figures.values);
    const { room, above } = places(labels, width);
    const names = above
      ? { inside: true, margin: 0, align: 'left', verticalAlign: 'bottom', padding: [0, 0, 11, 4], width: width - 40, textBorderColor: look.panel, textBorderWidth: 3 }
      : { width: room };
    return {
      ...frame(look),
      grid: { left: above ? 12 : 4, right: endWidth, top: above ? 16 : 8, bottom: 4, containLabel: true },
      xAxis: [valueAxis(look, percent, { splitNumber: width < NARROW ? 3 : 6 })],
      yAxis: nameAxis(look, labels.map((label, at) => `${at}`), {
        inverse: true, z: above ? 4 : 0,
        axisLabel: { interval: 0, ...names, overflow: 'truncate', ellipsis: '…', formatter: (at) => labels[Number(at)] },
      }),
      tooltip: {
        ...frame(look).tooltip, trigger: 'axis', axisPointer: { type: 'shadow' },
        formatter: ([{ dataIndex }]) => tip(labels[dataIndex], [
          [name, shown(values[dataIndex], percent), look.series[0]],
          ...(figures.shares ? [['Cumulative share', shown(figures.shares[dataIndex], true), look.series[1]]] : []),
        ]),
      },
      series: [{
        type: 'bar', name, data: values.map(number), color: look.series[0], barMaxWidth: above ? 12 : 18, barMinHeight: 1,
        label: {
          show: !figures.shares, position: 'right', color: look.text,
          formatter: ({ dataIndex }) => shown(values[dataIndex], percent),
        },
      }],
    };
  };

  const bars = (figures, look, width) => {
    const longest = Math.max(...alike(figures.values).map((value) => shown(value, figures.percent).length));
    return { height: 52 + places(figures.labels, width).row * figures.labels.length, option: barsFrame(figures, look, width, 12 + 7 * longest) };
  };

  const pareto = (figures, look, width) => {
    const option = barsFrame(figures, look, width, 18);
    const names = [figures.name, 'Cumulative share'];
    option.legend = legend(look, names, width).option;
    option.grid.top += 26;
    option.xAxis.push(valueAxis(look, true, { min: 0, max: 100, position: 'top', splitLine: { show: false } }));
    option.series.push({
      type: 'line', name: names[1], xAxisIndex: 1, data: figures.shares.map(number),
      color: look.series[1], symbol: 'circle', symbolSize: 6, lineStyle: { width: 2 },
    });
    return { height: 90 + (places(figures.labels, width).row - 2) * figures.labels.length, option };
  };

  // of light and dark, what can be told better from the colour that lies so far along the scale
  const readable = ({ heat, panel, text }, part) => {
    const parts = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    const at = Math.min(Math.max(part, 0), 1) * (heat.length - 1);
    const low = Math.min(Math.floor(at), heat.length - 2);
    const [from, to] = [parts(heat[low]), parts(heat[low + 1])];
    const light = (colour) => colour
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, which) => sum + part * [0.2126, 0.7152, 0.0722][which], 0);
    const ground = light(from.map((part, which) => part + (to[which] - part) * (at - low)));
    const contrast = (colour) => {
      const ink = light(parts(colour));
      return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
    };
    return contrast(panel) > contrast(text) ? panel : text;
  };

  const heat = (figures, look, width) => {
    const { rows, columns, cells, name, percent } = figures;
    const sizes = cells.map(([, , value]) => Number(value));
    const least = percent ? Math.floor(Math.min(...sizes) / 10) * 10 : Math.min(...sizes);
    const most = percent ? Math.max(100, ...sizes) : Math.max(...sizes);
    const room = Math.round(Math.min(width * 0.34, 220));
    const row = printing ? Math.max(14, Math.min(28, Math.floor(520 / rows.length))) : 28;
    const longest = Math.max(...cells.map(([, , value]) => short.format(Number(value)).length));
    const written = (width - room) / columns.length > 7 * longest + 8;
    return {
      height: 84 + row * rows.length,
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
            label: { color: readable(look, most > least ? (Number(value) - least) / (most - least) : 0) },
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
