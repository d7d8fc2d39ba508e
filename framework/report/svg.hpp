// Plots as inline SVG: axes, points, lines and bars, and nothing that needs a script.
#pragma once

#include <string>
#include <vector>

namespace ironlaw {

struct SvgAxis {
  std::string label;
  double low = 0, high = 1;
  bool logarithmic = false;
};

// One plot. Whatever lies outside the axes is drawn at their edge.
class SvgPlot {
 public:
  SvgPlot(std::string title, SvgAxis x, SvgAxis y, double width = 560, double height = 420);

  void points(const std::vector<std::pair<double, double>>& xy, const std::string& colour,
              const std::string& name, const std::vector<std::string>& tips = {});
  void line(const std::vector<std::pair<double, double>>& xy, const std::string& colour,
            const std::string& name, bool dashed = false);
  std::string text() const;

 private:
  double place(const SvgAxis& axis, double value, double from, double to) const;
  std::string grid() const;
  std::string title_, body_;
  SvgAxis x_, y_;
  double width_, height_;
  std::vector<std::pair<std::string, std::string>> legend_;  // name, colour
};

// What a group of numbers is spread over, in one row of a chart: the 5th, 25th, 50th, 75th and 95th
// percentile.
struct SvgBox {
  std::string name;
  double p5 = 0, p25 = 0, p50 = 0, p75 = 0, p95 = 0;
};
// One row a box, on a common axis with a line at `zero`.
std::string svg_boxes(const std::string& title, const SvgAxis& x, double zero,
                      const std::vector<SvgBox>& boxes);

// For text in SVG and HTML.
std::string escape_markup(const std::string& text);

}  // namespace ironlaw
