/// What a device must be able to do for `Tensor`: the requirements are in the protocols that make it up, one for each
/// family of operators.
///
/// Shapes have been checked and results allocated before any of these is called: a backend never sees a user's mistake.
/// Unless a requirement says otherwise, operands may have any strides (0 where an axis is broadcast) and a result may
/// have any dense order of its axes.
package protocol Backend: AnyObject, MemoryBackend, ElementBackend, IndexingBackend, ProductBackend, PoolBackend,
    NormalizationBackend, FusionBackend, RecurrentBackend, RandomBackend, OptimizerBackend
{}
