#include "device.h"
#include "recurrent.h"
