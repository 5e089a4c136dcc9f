'use strict';

/* Draws the plots that the page holds as data, in the colours of the style sheet, and again when those change. */
(() => {
  const plots = JSON.parse(document.getElementById('plots').textContent);
  const overTime = (plot) => plot.categories.length === 0;
  const times = plots
    .filter(overTime)
    .flatMap((plot) => plot.series.flatMap((series) => series.points.map((point) => point[0])));
  const begin = times.reduce((first, time) => Math.min(first, time), Infinity);

  const colour = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();

  /* The second series of a tone, and one without any, takes the next of the others. */
  function colours(plot) {
    const taken = new Set();
    let more = 0;
    return plot.series.map((series) => {
      if (series.tone !== '' && !taken.has(series.tone)) {
        taken.add(series.tone);
        return colour(series.tone.split(' ')[0]);
      }
      return colour('more-' + (more++ % 8));
    });
  }

  const number = (value, digits) =>
    value.toLocaleString('en', { maximumFractionDigits: digits });

  function seconds(value) {
    if (value < 100) {
      return number(value, 1) + ' s';
    }
    if (value < 6000) {
      return number(value / 60, 1) + ' min';
    }
    return value < 172800 ? number(value / 3600, 1) + ' h' : number(value / 86400, 1) + ' d';
  }

  const say = {
    seconds: seconds,
    'records-per-second': (value) => number(value, value < 10 ? 1 : 0) + '/s',
    records: (value) => number(value, 0),
    files: (value) => number(value, 0),
    percent: (value) => number(value, 2) + ' %',
  };

  /* A point of a step holds since the one before; of a line, the nearest one counts. */
  function valueAt(plot, points, x) {
    let later = points.findIndex((point) => point[0] >= x);
    if (later < 0 || points.length === 0) {
      return null;
    }
    if (plot.shape === 'lines' && later > 0 && x - points[later - 1][0] < points[later][0] - x) {
      later--;
    }
    return points[later][1];
  }

  function cell(row, kind, text) {
    const made = row.appendChild(document.createElement(kind));
    made.append(text);
    return made;
  }

  /* An element and not HTML: names are data. */
  function reading(plot, colourOf, parameters) {
    const at = parameters[0].axisValue;
    const table = document.createElement('table');
    table.className = 'reading';
    const head = table.createTHead().insertRow();
    cell(
      head,
      'th',
      overTime(plot) ? new Date(at).toISOString().replace('T', ' ').slice(0, 19) : String(at),
    ).colSpan = 2;
    const body = table.createTBody();
    plot.series.forEach((series, i) => {
      const value = overTime(plot)
        ? valueAt(plot, series.points, at)
        : (series.points[parameters[0].dataIndex] || [0, null])[1];
      if (value !== null && (overTime(plot) || value > 0 || plot.series.length === 1)) {
        const row = body.insertRow();
        const name = cell(row, 'td', '');
        const dot = name.appendChild(document.createElement('span'));
        dot.className = 'dot';
        dot.style.background = colourOf[i];
        name.append(series.name);
        cell(row, 'td', say[plot.unit](value));
      }
    });
    return table;
  }

  /* Buttons of the page, which break into lines as the text does; the canvas has none. */
  function showLegend(plot, chart) {
    const place = document.getElementById(plot.id);
    const legend = document.createElement('div');
    legend.className = 'legend';
    place.before(legend);
    return (shown) => {
      legend.replaceChildren(
        ...shown.map((series) => {
          const button = document.createElement('button');
          button.type = 'button';
          button.setAttribute('aria-pressed', 'true');
          const dot = button.appendChild(document.createElement('span'));
          dot.className = series.lineStyle && series.lineStyle.type === 'dashed' ? 'dot dash' : 'dot';
          dot.style.background = series.color;
          dot.style.opacity = series.itemStyle ? series.itemStyle.opacity : 1;
          button.append(series.name);
          button.addEventListener('click', () => {
            const pressed = button.getAttribute('aria-pressed') !== 'true';
            button.setAttribute('aria-pressed', String(pressed));
            chart.dispatchAction({ type: 'legendToggleSelect', name: series.name });
          });
          return button;
        }),
      );
    };
  }

  /* Steps between the lines of an axis of seconds: as clocks count, not by tens. */
  const clock = [60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400];

  function interval(plot) {
    const most = highest(plot);
    if (plot.unit !== 'seconds' || most < 120) {
      return undefined;
    }
    return clock.find((step) => most / step <= 5) || Math.ceil(most / 4 / 86400) * 86400;
  }

  const last = (plot) =>
    plot.series
      .flatMap((series) => series.points)
      .reduce((end, point) => Math.max(end, point[0]), begin);

  function highest(plot) {
    return plot.series
      .flatMap((series) => series.points)
      .reduce((most, point) => Math.max(most, point[1]), 0);
  }

  function seriesOf(plot, colourOf) {
    const horizontal = plot.shape === 'bars';
    return plot.series.map((series, i) => {
      const light = series.tone.endsWith(' light');
      const common = {
        name: series.name,
        color: colourOf[i],
        emphasis: { disabled: true },
      };
      if (!overTime(plot)) {
        return {
          ...common,
          type: 'bar',
          stack: 'all',
          barMaxWidth: horizontal ? 22 : 64,
          itemStyle: { opacity: light ? 0.55 : 1 },
          data: series.points.map((point) => point[1]),
        };
      }
      return {
        ...common,
        type: 'line',
        step: plot.shape === 'steps' ? 'start' : false,
        showSymbol: series.points.length < 40 && plot.shape === 'lines' && plot.id === 'commits',
        symbolSize: 5,
        lineStyle: { width: 1.8 },
        data: series.points,
      };
    });
  }

  /* Far above all values, a limit would press them flat: the summary says it. */
  function limitsOf(plot) {
    return plot.limits
      .filter((limit) => limit.value < highest(plot) * 5)
      .map((limit) => ({
        name: limit.name,
        type: 'line',
        symbol: 'none',
        silent: true,
        color: colour('faint'),
        lineStyle: { type: 'dashed', width: 1.2 },
        data: [[begin, limit.value], [last(plot), limit.value]],
      }));
  }

  function option(plot) {
    const colourOf = colours(plot);
    const text = { color: colour('faint'), fontSize: 12 };
    const step = interval(plot);
    const line = { lineStyle: { color: colour('line') } };
    const series = seriesOf(plot, colourOf).concat(limitsOf(plot));
    const values = {
      type: 'value',
      min: 0,
      minInterval: plot.unit === 'files' || plot.unit === 'records' ? 1 : 0,
      splitNumber: 4,
      interval: step,
      max: step && Math.ceil(highest(plot) / step) * step,
      axisLabel: { ...text, formatter: say[plot.unit], hideOverlap: true },
      splitLine: line,
    };
    const others = overTime(plot)
      ? {
          type: 'time',
          min: begin,
          axisLabel: { ...text, hideOverlap: true },
          axisLine: line,
          splitNumber: 4,
        }
      : {
          type: 'category',
          data: plot.categories,
          inverse: plot.shape === 'bars',
          axisLabel:
            plot.shape === 'bars'
              ? text
              : { ...text, interval: 0, hideOverlap: true, width: 52, overflow: 'break', lineHeight: 15 },
          axisLine: line,
          axisTick: { show: false },
        };
    const horizontal = plot.shape === 'bars';
    return {
      useUTC: true,
      animation: false,
      aria: { enabled: true, label: { description: plot.description } },
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: horizontal ? 30 : 18, top: 14, bottom: 8, containLabel: true },
      legend: { show: false },
      tooltip: {
        trigger: 'axis',
        confine: true,
        axisPointer: { type: overTime(plot) ? 'line' : 'shadow' },
        backgroundColor: colour('card'),
        borderColor: colour('line'),
        textStyle: { color: colour('text'), fontSize: 13 },
        formatter: (parameters) => reading(plot, colourOf, [parameters].flat()),
      },
      xAxis: horizontal ? values : others,
      yAxis: horizontal ? others : values,
      series: series,
    };
  }

  const drawn = plots.map((plot) => {
    const place = document.getElementById(plot.id);
    if (plot.shape === 'bars') {
      place.style.height = Math.max(180, 60 + 26 * plot.categories.length) + 'px';
    }
    const chart = echarts.init(place);
    const legend = showLegend(plot, chart);
    const draw = () => {
      const now = option(plot);
      chart.setOption(now, true);
      legend(now.series.length > 1 ? now.series : []);
    };
    draw();
    new ResizeObserver(() => chart.resize()).observe(place);
    return draw;
  });

  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () =>
    drawn.forEach((draw) => draw()),
  );
})();
