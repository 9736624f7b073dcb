// What the report pages draw with; build.sh makes echarts.min.js of it.
export { init } from 'echarts/core';
import { use } from 'echarts/core';
import { BarChart, HeatmapChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendPlainComponent, TooltipComponent, VisualMapContinuousComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
use([
  BarChart, HeatmapChart, LineChart,
  GridComponent, LegendPlainComponent, TooltipComponent, VisualMapContinuousComponent,
  SVGRenderer,
]);
