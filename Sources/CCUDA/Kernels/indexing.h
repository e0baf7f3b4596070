// What the kernels of indexing.cu are given.
#pragma once
