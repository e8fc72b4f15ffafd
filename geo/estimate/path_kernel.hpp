#pragma once
// Kriging over the anchors of a mesh: covariances of places, leave-one-out errors, and the kernel that suits
// them best. What path_memory.cpp is made of.

#include <Eigen/Dense>
#include <span>

#include "geo/estimate/path_memory.hpp"

namespace chiploc {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Index = Eigen::Index;

/// Both in a country, and in the same.
[[nodiscard]] bool domestic(const HostPlace& a, const HostPlace& b);

/// Of every host of one list from every host of another.
struct Between {
  Matrix km;
  Matrix abroad;  ///< 0 where they are domestic(), otherwise 1
};
[[nodiscard]] Between between(std::span<const HostPlace> a, std::span<const HostPlace> b);

[[nodiscard]] Matrix covariances(const Between& apart, const PathMemory::Kernel& kernel);

struct LeaveOneOut {
  Matrix precision;
  Matrix response;  ///< residuals, the missing ones predicted, times the precision
  Matrix error;     ///< of the prediction of every entry from the others of its row
  Matrix variance;  ///< of it
};
/// Takes     Residuals of n anchors, row = source, NaN where missing; the covariance of places, without the
///           hosts' own part, which is 1.
[[nodiscard]] LeaveOneOut leave_one_out(const Matrix& residuals, Matrix covariance);
/// Of the same the precision and the response alone.
[[nodiscard]] LeaveOneOut responses(const Matrix& residuals, Matrix covariance);

/// The kernel that maximises the leave-one-out likelihood of the residuals, and its priors, over the
/// lattices. Of more than a hundred anchors only every second, third .. is looked at.
[[nodiscard]] PathMemory::Kernel best_kernel(const Matrix& residuals, const Between& apart,
                                             PathMemory::Kernel start);

}  // namespace chiploc
