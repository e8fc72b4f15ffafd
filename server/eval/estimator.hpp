#pragma once
#include "server/eval/line_estimator.hpp"

namespace chiploc {

/// What `chiploc eval` asks for places.
using Estimator = LineEstimator;
using Estimate = LineEstimate;

}  // namespace chiploc
