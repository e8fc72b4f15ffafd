#include "server/detect/tails.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace chiploc {
namespace {

/// Highest power first.
template <std::size_t N>
double polynomial(const std::array<double, N>& factors, double x) {
  double sum = 0.0;
  for (const double factor : factors) sum = sum * x + factor;
  return sum;
}

/// log of n over k, by its factors: n steps at most, and no lgamma, which writes a global.
double log_choose(std::size_t n, std::size_t k) {
  k = std::min(k, n - k);
  double sum = 0.0;
  for (std::size_t i = 1; i <= k; ++i) {
    sum += std::log(static_cast<double>(n - k + i) / static_cast<double>(i));
  }
  return sum;
}

/// P(X = k), P(X = k + 1), ... summed while they count.
double binomial_sum_up(std::size_t n, std::size_t k, double p) {
  double term = std::exp(log_choose(n, k) + static_cast<double>(k) * std::log(p) +
                         static_cast<double>(n - k) * std::log1p(-p));
  double sum = 0.0;
  for (std::size_t i = k; i <= n; ++i) {
    sum += term;
    if (term < sum * 1e-18) break;
    term *= static_cast<double>(n - i) / static_cast<double>(i + 1) * (p / (1.0 - p));
  }
  return std::min(sum, 1.0);
}

}  // namespace

double normal_upper_tail(double z) { return 0.5 * std::erfc(z / std::numbers::sqrt2); }

double normal_upper_quantile(double p) {
  if (!(p > 0.0 && p < 1.0)) return std::numeric_limits<double>::quiet_NaN();
  const double q = 0.5 - p;
  if (std::abs(q) <= 0.425) {
    static constexpr std::array<double, 8> kA{2.5090809287301226727e+3, 3.3430575583588128105e+4,
                                              6.7265770927008700853e+4, 4.5921953931549871457e+4,
                                              1.3731693765509461125e+4, 1.9715909503065514427e+3,
                                              1.3314166789178437745e+2, 3.3871328727963666080e+0};
    static constexpr std::array<double, 8> kB{5.2264952788528545610e+3, 2.8729085735721942674e+4,
                                              3.9307895800092710610e+4, 2.1213794301586595867e+4,
                                              5.3941960214247511077e+3, 6.8718700749205790830e+2,
                                              4.2313330701600911252e+1, 1.0};
    const double r = 0.180625 - q * q;
    return q * polynomial(kA, r) / polynomial(kB, r);
  }
  const double r = std::sqrt(-std::log(q > 0.0 ? p : 1.0 - p));
  double z = 0.0;
  if (r <= 5.0) {
    static constexpr std::array<double, 8> kC{7.74545014278341407640e-4, 2.27238449892691845833e-2,
                                              2.41780725177450611770e-1, 1.27045825245236838258e+0,
                                              3.64784832476320460504e+0, 5.76949722146069140550e+0,
                                              4.63033784615654529590e+0, 1.42343711074968357734e+0};
    static constexpr std::array<double, 8> kD{1.05075007164441684324e-9, 5.47593808499534494600e-4,
                                              1.51986665636164571966e-2, 1.48103976427480074590e-1,
                                              6.89767334985100004550e-1, 1.67638483018380384940e+0,
                                              2.05319162663775882187e+0, 1.0};
    z = polynomial(kC, r - 1.6) / polynomial(kD, r - 1.6);
  } else {
    static constexpr std::array<double, 8> kE{2.01033439929228813265e-7, 2.71155556874348757815e-5,
                                              1.24266094738807843860e-3, 2.65321895265761230930e-2,
                                              2.96560571828504891230e-1, 1.78482653991729133580e+0,
                                              5.46378491116411436990e+0, 6.65790464350110377720e+0};
    static constexpr std::array<double, 8> kF{2.04426310338993978564e-15, 1.42151175831644588870e-7,
                                              1.84631831751005468180e-5,  7.86869131145613259100e-4,
                                              1.48753612908506148525e-2,  1.36929880922735805310e-1,
                                              5.99832206555887937690e-1,  1.0};
    z = polynomial(kE, r - 5.0) / polynomial(kF, r - 5.0);
  }
  return q > 0.0 ? z : -z;
}

double binomial_upper_tail(std::size_t n, std::size_t k, double p) {
  if (!(p >= 0.0 && p <= 1.0)) return std::numeric_limits<double>::quiet_NaN();
  if (k == 0) return 1.0;
  if (k > n || p == 0.0) return 0.0;
  if (p == 1.0) return 1.0;
  // The smaller of the two sides is summed, from its largest term outwards.
  if (static_cast<double>(k) > static_cast<double>(n) * p) return binomial_sum_up(n, k, p);
  return 1.0 - binomial_sum_up(n, n - k + 1, 1.0 - p);
}

}  // namespace chiploc
