#include "../udp.h"
#include "shapes.h"

int main(int argc, char **argv)
{
    struct udp_peer peer = udp_sender(argc, argv);
    struct shape_st shape;
    memset(&shape, 0, sizeof(shape));
    shape.version = 9;
    shape.visible = 1;
    shape.layer = -3;
    shape.fill = BLUE;
    shape.corners[0] = (struct point){.x = 1, .y = -1};
    shape.corners[1] = (struct point){.x = 32767, .y = -32768};
    shape.corners[2] = (struct point){.x = 0, .y = 300};
    shape.serial = 0x01020304;
    memcpy(shape.grid, "ab\0xyz", sizeof(shape.grid));
    shape.matrix[0][0] = 1;
    shape.matrix[0][1] = 2;
    shape.matrix[1][0] = 3;
    shape.matrix[1][1] = 65535;
    shape.balance = -1234567890123;
    shape.weight = 1.5f;
    shape.area = -0.25;
    udp_send(&peer, &shape, sizeof(shape));
    return 0;
}
