// Package vendorjs holds the chart programs of the report page, as published on npm, compressed: vega 6.4.0, vega-lite 6.5.0, vega-embed 7.3.0 and
// vega-interpreter 2.3.2 (BSD-3-Clause, the licence files lie beside them). fetch.sh says where they come from and makes them again.
package vendorjs
