// What the kernels of sort.cu are given.
#pragma once
