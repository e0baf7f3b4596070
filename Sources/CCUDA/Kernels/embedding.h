// What the kernels of embedding.cu are given.
#pragma once
