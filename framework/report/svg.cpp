#include "framework/report/svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ironlaw {
namespace {

constexpr double kLeft = 70, kRight = 16, kTop = 36, kBottom = 52;

// Round values across an axis: powers of ten, or five to ten steps of 1, 2 or 5.
std::vector<double> ticks_of(const SvgAxis& axis) {
  std::vector<double> ticks;
  if (axis.logarithmic) {
    for (double p = std::floor(std::log10(axis.low)); p <= std::ceil(std::log10(axis.high)); ++p)
      if (const double t = std::pow(10, p); t >= axis.low * (1 - 1e-9) && t <= axis.high * (1 + 1e-9))
        ticks.push_back(t);
    return ticks;
  }
  const double rough = (axis.high - axis.low) / 6;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double step = power * (rough / power < 1.5   ? 1
                               : rough / power < 3.5 ? 2
                               : rough / power < 7.5 ? 5
                                                     : 10);
  for (double t = std::ceil(axis.low / step - 1e-9) * step; t <= axis.high + step * 1e-9; t += step)
    ticks.push_back(std::abs(t) < step * 1e-9 ? 0 : t);
  return ticks;
}

std::string tick_text(const SvgAxis& axis, double value) {
  return axis.logarithmic && (value >= 1e4 || value < 0.01) ? fmt::format("{:.0e}", value)
                                                            : fmt::format("{:g}", value);
}

std::string label(double x, double y, const std::string& anchor, const std::string& text,
                  const std::string& more = "") {
  return fmt::format("<text x='{:.1f}' y='{:.1f}' text-anchor='{}' {}>{}</text>\n", x, y, anchor, more,
                     escape_markup(text));
}

std::string opening(double width, double height, const std::string& title) {
  return fmt::format(
             "<svg viewBox='0 0 {0:.0f} {1:.0f}' width='{0:.0f}' height='{1:.0f}' role='img' "
             "aria-label='{2}' "
             "xmlns='http://www.w3.org/2000/svg' font-family='sans-serif' font-size='12'>\n"
             "<rect width='100%' height='100%' fill='white'/>\n",
             width, height, escape_markup(title)) +
         label(kLeft, 20, "start", title, "font-size='14' font-weight='bold'");
}

}  // namespace

std::string escape_markup(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '\'')
      out += "&#39;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

SvgPlot::SvgPlot(std::string title, SvgAxis x, SvgAxis y, double width, double height)
    : title_(std::move(title)), x_(std::move(x)), y_(std::move(y)), width_(width), height_(height) {}

double SvgPlot::place(const SvgAxis& axis, double value, double from, double to) const {
  const auto scale = [&](double v) { return axis.logarithmic ? std::log(v) : v; };
  const double share = (scale(std::clamp(value, axis.low, axis.high)) - scale(axis.low)) /
                       (scale(axis.high) - scale(axis.low));
  return from + share * (to - from);
}

void SvgPlot::points(const std::vector<std::pair<double, double>>& xy, const std::string& colour,
                     const std::string& name, const std::vector<std::string>& tips) {
  body_ += fmt::format("<g fill='{}' fill-opacity='0.45'>\n", colour);
  for (std::size_t i = 0; i < xy.size(); ++i)
    body_ += fmt::format("<circle cx='{:.1f}' cy='{:.1f}' r='2.6'>{}</circle>\n",
                         place(x_, xy[i].first, kLeft, width_ - kRight),
                         place(y_, xy[i].second, height_ - kBottom, kTop),
                         i < tips.size() ? "<title>" + escape_markup(tips[i]) + "</title>" : "");
  body_ += "</g>\n";
  legend_.emplace_back(name, colour);
}

void SvgPlot::line(const std::vector<std::pair<double, double>>& xy, const std::string& colour,
                   const std::string& name, bool dashed) {
  body_ += fmt::format("<polyline fill='none' stroke='{}' stroke-width='{}' {}points='", colour,
                       dashed ? 1 : 2, dashed ? "stroke-dasharray='5 4' " : "");
  for (const auto& [x, y] : xy)
    body_ += fmt::format("{:.1f},{:.1f} ", place(x_, x, kLeft, width_ - kRight),
                         place(y_, y, height_ - kBottom, kTop));
  body_ += "'/>\n";
  if (!name.empty()) legend_.emplace_back(name, colour);
}

std::string SvgPlot::grid() const {
  std::string out = "<g stroke='#ddd'>\n";
  std::string texts = "<g fill='#444'>\n";
  for (const double t : ticks_of(x_)) {
    const double at = place(x_, t, kLeft, width_ - kRight);
    out += fmt::format("<line x1='{0:.1f}' x2='{0:.1f}' y1='{1:.1f}' y2='{2:.1f}'/>\n", at, kTop,
                       height_ - kBottom);
    texts += label(at, height_ - kBottom + 16, "middle", tick_text(x_, t));
  }
  for (const double t : ticks_of(y_)) {
    const double at = place(y_, t, height_ - kBottom, kTop);
    out += fmt::format("<line x1='{1:.1f}' x2='{2:.1f}' y1='{0:.1f}' y2='{0:.1f}'/>\n", at, kLeft,
                       width_ - kRight);
    texts += label(kLeft - 6, at + 4, "end", tick_text(y_, t));
  }
  texts += label((kLeft + width_ - kRight) / 2, height_ - 14, "middle", x_.label);
  const double middle = (kTop + height_ - kBottom) / 2;
  texts += label(16, middle, "middle", y_.label, fmt::format("transform='rotate(-90 16 {:.1f})'", middle));
  return out + "</g>\n" + texts + "</g>\n";
}

std::string SvgPlot::text() const {
  std::string out = opening(width_, height_, title_) + grid() + body_;
  double y = kTop + 16;
  for (const auto& [name, colour] : legend_) {
    out += fmt::format("<rect x='{:.0f}' y='{:.0f}' width='10' height='10' fill='{}'/>\n", kLeft + 8, y - 9,
                       colour) +
           label(kLeft + 24, y, "start", name);
    y += 16;
  }
  return out + "</svg>\n";
}

std::string svg_boxes(const std::string& title, const SvgAxis& axis, double zero,
                      const std::vector<SvgBox>& boxes) {
  constexpr double kWidth = 760, kNames = 220, kRow = 20;
  const double height = kTop + kRow * static_cast<double>(boxes.size()) + kBottom;
  const auto at = [&](double v) {
    return kNames + (std::clamp(v, axis.low, axis.high) - axis.low) / (axis.high - axis.low) *
                        (kWidth - kNames - kRight);
  };
  std::string out = opening(kWidth, height, title);
  for (const double t : ticks_of(axis)) {
    out += fmt::format("<line x1='{0:.1f}' x2='{0:.1f}' y1='{1}' y2='{2:.1f}' stroke='{3}'/>\n", at(t), kTop,
                       height - kBottom, t == zero ? "#888" : "#ddd");
    out += label(at(t), height - kBottom + 16, "middle", tick_text(axis, t), "fill='#444'");
  }
  out += label((kNames + kWidth) / 2, height - 14, "middle", axis.label, "fill='#444'");
  double y = kTop + kRow / 2;
  for (const SvgBox& b : boxes) {
    out += label(kNames - 8, y + 4, "end", b.name);
    out += fmt::format("<line x1='{:.1f}' x2='{:.1f}' y1='{:.1f}' y2='{:.1f}' stroke='#4878a8'/>\n", at(b.p5),
                       at(b.p95), y, y);
    out += fmt::format(
        "<rect x='{:.1f}' y='{:.1f}' width='{:.1f}' height='10' fill='#a8c4e0' stroke='#4878a8'/>\n",
        at(b.p25), y - 5, std::max(at(b.p75) - at(b.p25), 0.5));
    out += fmt::format(
        "<line x1='{0:.1f}' x2='{0:.1f}' y1='{1:.1f}' y2='{2:.1f}' stroke='#203850' stroke-width='2'/>\n",
        at(b.p50), y - 6, y + 6);
    y += kRow;
  }
  return out + "</svg>\n";
}

}  // namespace ironlaw
